/**
 * @file output.h  What the uims program prints: JSON lines or plain text
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdio.h>
#include "ue/ue_port.h"

/** One line of output in the making */
struct output {
	FILE *f;
	bool json;
	bool first;
};

void output_begin(struct output *o, const char *event);
void output_str(struct output *o, const char *name, const char *val);
void output_num(struct output *o, const char *name, uint64_t val);
void output_bool(struct output *o, const char *name, bool val);
void output_addr(struct output *o, const char *name,
		 const struct ue_addr *addr);
void output_end(struct output *o);

/* pcap.c */
int  pcap_open(FILE **fp, const char *path);
void pcap_write(FILE *f, const struct ue_trace *trace);

#endif
