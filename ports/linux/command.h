/**
 * @file command.h  Commands of the uims program
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "ports/common/re_port.h"
#include "ue/ue.h"

/** Kinds of events that are remembered */
#define SCRIPT_EVENTS 32

/** Commands that run one after the other.  A command of the UE ends with its
 *  outcome event; `wait EVENT` ends at once when the event came since the last
 *  command of the UE began */
struct script {
	struct ue *ue;
	const char *next;               /**< of -e; NULL = from the terminal */
	char line[512];                 /**< read from the terminal      */
	size_t line_len;
	bool eof;
	bool running;                   /**< waits for an event          */
	bool sleeping;
	bool interactive;
	char name[64];                  /**< running command             */
	char good[32];                  /**< event that ends it well     */
	char bad[32];                   /**< event that ends it badly    */
	char seenv[SCRIPT_EVENTS][32];
	unsigned seen_count;
	struct tmr tmr;
	struct tmr tmr_step;
};

int  command_start(struct script *sc, struct ue *ue, const char *commands);
void command_stop(struct script *sc);
void command_event(struct script *sc, const char *event);
void command_help(void);

#endif
