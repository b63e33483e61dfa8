// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Creates a topic and fills it with orders, the same ones in every run: JSON of about 77 bytes under a key of 9 bytes,
// 10,000 keys, every hundredth order with the amount 100.
//
//     generate BROKER TOPIC PARTITIONS COUNT
//     generate BROKER TOPIC PARTITIONS COUNT changelog     instead of orders, entries of a table, each with a key of its own

#include "peer.h"

static long failed;

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer, (void)opaque;
    if (message->err) failed++;
}

static void create(rd_kafka_t *client, const char *name, int partitions) {
    char reason[512];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, 1, reason, sizeof(reason));
    if (!topic) die(name, reason);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_CreateTopics(client, &topic, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 60000);
    if (!event) die(name, "the broker does not answer");
    if (rd_kafka_event_error(event)) die(name, rd_kafka_event_error_string(event));
    size_t count;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t index = 0; index < count; index++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[index]);
        if (error) die(name, rd_kafka_err2str(error));
    }
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(topic);
}

/// Knuth's linear congruential generator (MMIX).
static uint32_t next(uint64_t *state, uint32_t limit) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*state >> 33) % limit);
}

int main(int argc, char **argv) {
    int entries = argc == 6 && strcmp(argv[5], "changelog") == 0;
    if (argc != 5 && !entries) die("usage", "generate BROKER TOPIC PARTITIONS COUNT [changelog]");
    const char *name = argv[2];
    int partitions = atoi(argv[3]);
    long count = atol(argv[4]);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    // Batches as Java's producer makes them by default; librdkafka's own would be up to 1 MB and cheaper to read.
    set(conf, "linger.ms", "20");
    set(conf, "batch.size", "16384");
    set(conf, "partitioner", "murmur2_random");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_t *producer = make_client(RD_KAFKA_PRODUCER, conf, argv[1]);
    create(producer, name, partitions);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
    uint64_t state = 1;
    for (long number = 0; number < count; number++) {
        char key[32], value[128];
        int key_length = entries ? snprintf(key, sizeof(key), "\"acc-%ld\"", number)
                                 : snprintf(key, sizeof(key), "acc-%05u", next(&state, 10000));
        uint32_t product = next(&state, 1000), cents = next(&state, 10000);
        int length = entries ? snprintf(value, sizeof(value), "%ld", number)
                             : snprintf(value, sizeof(value),
                              "{\"account_id\":\"%s\",\"product_id\":\"prod-%04u\",\"amount\":%ld,\"price\":%u.%02u}", key,
                              product, number % 100 + 1, cents / 100, cents % 100);
        while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, (size_t)length, key,
                                (size_t)key_length, NULL) != 0) {
            rd_kafka_resp_err_t error = rd_kafka_last_error();
            if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) die("rd_kafka_produce", rd_kafka_err2str(error));
            rd_kafka_poll(producer, 50);
        }
        if (number % 1000 == 0) rd_kafka_poll(producer, 0);
    }
    rd_kafka_flush(producer, 120000);
    if (failed > 0 || rd_kafka_outq_len(producer) > 0) die(name, "some orders were not delivered");
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(producer);
    return 0;
}
