/**
 * @file ue_timer.c  Timers on the time that ue_poll() is given
 */
#include <stddef.h>
#include "ue/ue_timer.h"


/**
 * Start a timer, or start it again
 *
 * @param ts        All timers
 * @param t         The timer
 * @param delay_ms  From now, milliseconds
 * @param h         Called once from ue_timers_run(); not NULL
 * @param arg       Handed to h
 */
void ue_timer_start(struct ue_timers *ts, struct ue_timer *t,
		    uint64_t delay_ms, ue_timer_h *h, void *arg)
{
	struct ue_timer **pp;

	ue_timer_cancel(ts, t);

	t->due_ms = ts->now_ms + delay_ms;
	t->late   = ts->idle;
	t->h      = h;
	t->arg    = arg;

	/* equal times run in the order in which they were started */
	for (pp = &ts->head; *pp; pp = &(*pp)->next) {
		if ((*pp)->due_ms > t->due_ms)
			break;
	}

	t->next = *pp;
	*pp = t;
}


/** Stop a timer; nothing happens when it is not running */
void ue_timer_cancel(struct ue_timers *ts, struct ue_timer *t)
{
	struct ue_timer **pp;

	if (!t->h)
		return;

	for (pp = &ts->head; *pp; pp = &(*pp)->next) {
		if (*pp == t) {
			*pp = t->next;
			break;
		}
	}

	t->next = NULL;
	t->h    = NULL;
}


bool ue_timer_running(const struct ue_timer *t)
{
	return t->h != NULL;
}


/** Milliseconds until the timer is due; 0 when due or not running */
uint64_t ue_timer_left_ms(const struct ue_timers *ts,
			  const struct ue_timer *t)
{
	if (!t->h || t->due_ms <= ts->now_ms)
		return 0;

	return t->due_ms - ts->now_ms;
}


/** Set the time; a time that goes back is ignored.  What was started while the
 *  caller was idle, by a command that knows no time, has its delay from now
 *  on */
void ue_timers_set_now(struct ue_timers *ts, uint64_t now_ms)
{
	const uint64_t before = ts->now_ms;
	struct ue_timer *t, *next;

	if (now_ms > before)
		ts->now_ms = now_ms;

	ts->idle = false;
	for (t = ts->head; t; t = next) {

		next = t->next;
		if (t->late)
			ue_timer_start(ts, t, t->due_ms - before, t->h,
				       t->arg);
	}
}


/**
 * Run what is due
 *
 * @param ts   All timers
 * @param max  At most so many, so that work is bounded
 *
 * @return Number of handlers called
 */
unsigned ue_timers_run(struct ue_timers *ts, unsigned max)
{
	unsigned n;

	for (n = 0; n < max; n++) {

		struct ue_timer *t = ts->head;
		ue_timer_h *h;

		if (!t || t->due_ms > ts->now_ms)
			break;

		h = t->h;
		ts->head = t->next;
		t->next = NULL;
		t->h = NULL;

		h(t->arg);
	}

	return n;
}


/** Milliseconds until the next timer is due; UINT32_MAX when there is none */
uint32_t ue_timers_wait_ms(const struct ue_timers *ts)
{
	uint64_t left;

	if (!ts->head)
		return UINT32_MAX;

	left = ue_timer_left_ms(ts, ts->head);

	return left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
}
