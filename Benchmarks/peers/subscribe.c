// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#include "peer.h"
#include <unistd.h>

rd_kafka_t *subscribe(const char *broker, const char *topic) {
    char group[64];
    snprintf(group, sizeof(group), "peer-%d-%.0f", (int)getpid(), wall_seconds());
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "group.id", group);
    set(conf, "auto.offset.reset", "earliest");
    set(conf, "enable.auto.commit", "false");
    set(conf, "partition.assignment.strategy", "cooperative-sticky");
    // tansu lets the first member of a group wait for half of it.
    set(conf, "session.timeout.ms", "6000");
    rd_kafka_t *consumer = make_client(RD_KAFKA_CONSUMER, conf, broker);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer, topics);
    if (error) die("rd_kafka_subscribe", rd_kafka_err2str(error));
    rd_kafka_topic_partition_list_destroy(topics);
    return consumer;
}
