/**
 * @file ue_timer.h  Timers on the time that ue_poll() is given
 *
 * Timers are embedded in their owners; the list is sorted by due time.
 * Nothing here reads a clock: `now_ms` only moves by ue_timers_set_now().
 */
#ifndef UE_TIMER_H
#define UE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

typedef void (ue_timer_h)(void *arg);

/** One timer; zero-initialised = not running */
struct ue_timer {
	struct ue_timer *next;
	bool late;              /**< its delay runs from the next time on */
	uint64_t due_ms;
	ue_timer_h *h;          /**< NULL = not running */
	void *arg;
};

/** All running timers of one UE */
struct ue_timers {
	struct ue_timer *head;
	uint64_t now_ms;
	bool idle;              /**< the caller's: now_ms is of the past; until
				 *   ue_timers_set_now()                 */
};

void ue_timer_start(struct ue_timers *ts, struct ue_timer *t,
		    uint64_t delay_ms, ue_timer_h *h, void *arg);
void ue_timer_cancel(struct ue_timers *ts, struct ue_timer *t);
bool ue_timer_running(const struct ue_timer *t);
uint64_t ue_timer_left_ms(const struct ue_timers *ts,
			  const struct ue_timer *t);

void ue_timers_set_now(struct ue_timers *ts, uint64_t now_ms);
unsigned ue_timers_run(struct ue_timers *ts, unsigned max);
uint32_t ue_timers_wait_ms(const struct ue_timers *ts);

#endif
