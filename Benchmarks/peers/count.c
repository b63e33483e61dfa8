// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// The limit for a stateful agent: counts messages by key in a hash table and sends one changelog record per message.
//
//     count BROKER TOPIC COUNT CHANGELOG            by key
//     count BROKER TOPIC COUNT CHANGELOG tumbling   by key and minute

#include "peer.h"

enum { batch_size = 2000, slots = 1 << 16, longest_key = 16, window_milliseconds = 60000 };

struct slot {
    char key[longest_key];
    size_t length;
    int64_t window;
    long count;
};

static struct slot table[slots];
static long failed;

/// FNV-1a with linear probing; the topic has 10,000 keys. The window is where it starts, 0 for none.
static long count_key(const char *key, size_t length, int64_t window) {
    if (length > longest_key) die("count", "a key is too long");
    uint64_t hash = 14695981039346656037u;
    for (size_t index = 0; index < length; index++) hash = (hash ^ (uint8_t)key[index]) * 1099511628211u;
    hash = (hash ^ (uint64_t)(window / window_milliseconds)) * 1099511628211u;
    for (size_t probe = 0; probe < slots; probe++) {
        struct slot *slot = &table[(hash + probe) % slots];
        if (slot->length == 0) {
            memcpy(slot->key, key, length);
            slot->length = length;
            slot->window = window;
        }
        if (slot->length == length && slot->window == window && memcmp(slot->key, key, length) == 0)
            return ++slot->count;
    }
    die("count", "there are too many keys");
    return 0;
}

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer, (void)opaque;
    if (message->err) failed++;
}

static void send_change(rd_kafka_t *producer, rd_kafka_topic_t *changelog, const rd_kafka_message_t *message,
                        int64_t window, long count) {
    char value[24], windowed[longest_key + 64];
    const void *key = message->key;
    size_t length = (size_t)snprintf(value, sizeof(value), "%ld", count), key_length = message->key_len;
    if (window > 0) {
        key = windowed;
        key_length = (size_t)snprintf(windowed, sizeof(windowed), "[\"%.*s\",[%ld.0,%ld.0]]", (int)message->key_len,
                                      (const char *)message->key, (long)(window / 1000),
                                      (long)((window + window_milliseconds) / 1000));
    }
    while (rd_kafka_produce(changelog, message->partition, RD_KAFKA_MSG_F_COPY, value, length, key, key_length, NULL) !=
           0) {
        rd_kafka_resp_err_t error = rd_kafka_last_error();
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) die("rd_kafka_produce", rd_kafka_err2str(error));
        rd_kafka_poll(producer, 10);
    }
}

int main(int argc, char **argv) {
    int is_tumbling = argc == 6 && strcmp(argv[5], "tumbling") == 0;
    if (argc != 5 && !is_tumbling) die("usage", "count BROKER TOPIC COUNT CHANGELOG [tumbling]");
    struct measure measure = measure_start();
    long wanted = atol(argv[3]), events = 0;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "enable.idempotence", "true");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_t *producer = make_client(RD_KAFKA_PRODUCER, conf, argv[1]);
    rd_kafka_topic_t *changelog = rd_kafka_topic_new(producer, argv[4], NULL);
    rd_kafka_t *consumer = subscribe(argv[1], argv[2]);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    static rd_kafka_message_t *batch[batch_size];
    while (events < wanted) {
        ssize_t count = rd_kafka_consume_batch_queue(queue, 1000, batch, batch_size);
        for (ssize_t index = 0; index < count; index++) {
            rd_kafka_message_t *message = batch[index];
            if (message->err) {
                fprintf(stderr, "%s\n", rd_kafka_message_errstr(message));
            } else {
                measure_first(&measure);
                int64_t window = 0;
                if (is_tumbling) {
                    rd_kafka_timestamp_type_t type;
                    int64_t time = rd_kafka_message_timestamp(message, &type);
                    window = time - time % window_milliseconds;
                }
                send_change(producer, changelog, message, window, count_key(message->key, message->key_len, window));
                events += 1;
            }
            rd_kafka_message_destroy(message);
        }
        rd_kafka_poll(producer, 0);
    }
    rd_kafka_flush(producer, 60000);
    if (failed > 0 || rd_kafka_outq_len(producer) > 0) die("count", "some changelog records were not delivered");
    measure_end(&measure, is_tumbling ? "c-tumbling" : "c-count", events);
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    rd_kafka_topic_destroy(changelog);
    rd_kafka_destroy(producer);
    return 0;
}
