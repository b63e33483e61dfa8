// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// What the C programs share: clocks, the line that they print, and a client that fails loudly.
#ifndef PEER_H
#define PEER_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

static inline double wall_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/// CPU time of the whole process, librdkafka's threads included.
static inline double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static inline void die(const char *what, const char *reason) {
    fprintf(stderr, "%s: %s\n", what, reason);
    exit(1);
}

static inline void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char reason[512];
    if (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason)) != RD_KAFKA_CONF_OK) die(name, reason);
}

static inline rd_kafka_t *make_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, const char *broker) {
    char reason[512];
    set(conf, "bootstrap.servers", broker);
    rd_kafka_t *client = rd_kafka_new(type, conf, reason, sizeof(reason));
    if (!client) die("rd_kafka_new", reason);
    return client;
}

/// A consumer that joins a new group and reads a topic from its beginning.
rd_kafka_t *subscribe(const char *broker, const char *topic);

/// When things happened; BENCH_STARTED in the environment holds when the process was started, in seconds since 1970.
struct measure {
    double started, first_wall, first_cpu;
};

static inline struct measure measure_start(void) {
    const char *started = getenv("BENCH_STARTED");
    struct measure measure = {started ? atof(started) : wall_seconds(), 0, 0};
    return measure;
}

static inline void measure_first(struct measure *measure) {
    if (measure->first_wall > 0) return;
    measure->first_wall = wall_seconds();
    measure->first_cpu = cpu_seconds();
}

/// Prints the line that scripts/bench-kafka reads.
static inline void measure_end(const struct measure *measure, const char *program, long events) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("result program=%s events=%ld cpu=%.3f cpu_first=%.3f seconds=%.3f first=%.3f rss_mb=%.1f\n", program, events,
           cpu_seconds(), measure->first_cpu, wall_seconds() - measure->first_wall,
           measure->first_wall - measure->started, (double)usage.ru_maxrss / 1024);
}

#endif
