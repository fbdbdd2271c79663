/**
 * @file cmd_kit.h  A console on a UE of one of the other kits: lines are
 * typed, what it prints is compared
 */
#ifndef CMD_KIT_H
#define CMD_KIT_H

#include "ports/common/command.h"

struct cm {
	struct script sc;
	struct command_port port;       /* may be changed                */
	char out[8192];                 /* printed, not looked at yet    */
	size_t len;
	int status;                     /* of quit, -1 = goes on         */
	unsigned given;                 /* memories of messages in use   */
	bool no_memory;
};

extern struct cm cm;

/** A console without a UE; clears everything */
void cm_begin(void);

/** For the begin function of a kit: it does cm_begin(), and the events of the
 *  UE go to the console, which takes part in messages where the port does */
void cm_attach(void);

/** Type a line, and let run what is due.  @return cm_printed() */
const char *cm_type(const char *line);

/** What was printed since the last call, with ' for " */
const char *cm_printed(void);

/** What the console says of a command that fails */
const char *cm_error(const char *what, const char *reason);

#endif
