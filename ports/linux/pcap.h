/**
 * @file pcap.h  Captures of the uims program
 */
#ifndef PCAP_H
#define PCAP_H

#include <stdio.h>
#include "ue/ue.h"

/** Link types: what a record holds */
enum pcap_link {
	PCAP_IP = 101,
	PCAP_SIP = 252          /**< "exported PDU"                      */
};

int  pcap_open(FILE **fp, const char *path, enum pcap_link link);
void pcap_write(FILE *f, const struct ue_trace *trace);
void pcap_write_packet(FILE *f, const uint8_t *packet, size_t len);
void pcap_write_keys(FILE *f, const struct ipsec_params *prm,
		     const struct ipsec_keys *keys);

#endif
