// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// The limit for every consumer that stands on librdkafka: takes messages in batches and does nothing but look at their sizes.
//
//     consume BROKER TOPIC COUNT

#include "peer.h"

enum { batch_size = 2000 };

int main(int argc, char **argv) {
    if (argc != 4) die("usage", "consume BROKER TOPIC COUNT");
    struct measure measure = measure_start();
    long wanted = atol(argv[3]), events = 0, bytes = 0;
    rd_kafka_t *consumer = subscribe(argv[1], argv[2]);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    static rd_kafka_message_t *batch[batch_size];
    while (events < wanted) {
        ssize_t count = rd_kafka_consume_batch_queue(queue, 1000, batch, batch_size);
        for (ssize_t index = 0; index < count; index++) {
            if (batch[index]->err) {
                fprintf(stderr, "%s\n", rd_kafka_message_errstr(batch[index]));
            } else {
                measure_first(&measure);
                events += 1;
                bytes += (long)(batch[index]->len + batch[index]->key_len);
            }
            rd_kafka_message_destroy(batch[index]);
        }
    }
    measure_end(&measure, "c-consume", events);
    fprintf(stderr, "%.1f bytes per message, key included\n", (double)bytes / (double)events);
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return 0;
}
