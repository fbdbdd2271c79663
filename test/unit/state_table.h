/**
 * @file state_table.h  Each state of a machine with each event, as the table
 *                      says that is printed in its source
 *
 * gen/state_tables.h holds the tables (test/tools/gen_state_tables.py reads
 * them out of the comments), so table and test cannot drift apart: a row with
 * a state, an event or an action that the test does not know fails.
 *
 *  - A pair without a row: nothing happens, the state stays.
 *  - Actions are separated by commas.  What is in parentheses and what has a
 *    ` = ` (timers) is for the reader; `-` is none.
 *  - The state `any` stands for all; `-` as next state is the same one.
 */
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include <stdbool.h>

struct state_machine {
	const char *table;              /**< STATE_TABLE_...              */
	const char *const *statev;      /**< as printed; NULL ends        */
	const char *const *eventv;
	const char *const *actionv;     /**< what can be seen             */

	/** A fresh machine in this state; event: what will happen to it */
	bool (*reach)(const char *state, const char *event);
	void (*fire)(const char *state, const char *event);

	/** Has this action been seen since fire()?  Each is asked for once */
	bool (*seen)(const char *action);

	/** The state now, as printed */
	const char *(*state)(void);

	/** After each pair: end it; NULL, or what is left.  May be NULL */
	const char *(*end)(void);
};

/** All pairs.  Prints the first that is wrong and returns false.
 *  @param pairs  how many there are */
bool state_table_walk(const struct state_machine *m, unsigned *pairs);

/** A string like the other one?  For drivers */
bool state_is(const char *a, const char *b);

#endif
