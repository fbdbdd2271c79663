/**
 * @file uims.h  State of the uims program
 */
#ifndef UIMS_H
#define UIMS_H

#include <stdio.h>
#include "ports/linux/command.h"

struct uims {
	bool json;
	bool verbose;
	bool started;                   /**< ue_init() was done          */
	const char *commands;           /**< of -e; NULL = interactive   */
	const char *pcap_path;
	FILE *pcap;
	int status;                     /**< exit status                 */
	uint64_t start_ms;
	struct script script;
};

void uims_quit(int status);
void uims_error(const char *what, const char *why);
void uims_print_status(void);

#endif
