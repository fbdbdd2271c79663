/**
 * @file net_again.c  A message of the simulated network that is sent again and
 * again, as RFC 3261 17 and 13.3.1.4 have it
 */
#include <string.h>
#include "test/sim/net_call.h"

/* with the values of TS 24.229 7.7 */
#define T1_MS 2000
#define T2_MS 16000
#define END_MS (64 * T1_MS)


static void again_h(void *arg)
{
	struct net_again *a = arg;
	struct sim *sim = a->all->net->sim;
	uint32_t next = a->interval_ms * 2;

	if (sim->now_ms - a->since_ms >= END_MS) {
		a->given_up_h(a->arg);
		return;
	}

	net_calls_send(a->all, a->text, a->len);
	a->interval_ms = next > T2_MS ? T2_MS : next;
	ue_timer_start(&sim->timers, &a->timer, a->interval_ms, again_h, a);
}


void net_again_start(struct net_again *a, struct net_calls *cs,
		     const char *text, size_t len, ue_timer_h *given_up_h,
		     void *arg)
{
	struct sim *sim = cs->net->sim;

	if (len >= sizeof(a->text)) {
		sim->broken = "a message of the network is too long";
		return;
	}

	a->all = cs;
	net_again_stop(a);
	memcpy(a->text, text, len);
	a->len = (uint16_t)len;
	a->since_ms = sim->now_ms;
	a->interval_ms = T1_MS;
	a->given_up_h = given_up_h;
	a->arg = arg;
	ue_timer_start(&sim->timers, &a->timer, T1_MS, again_h, a);
	net_calls_send(cs, text, len);
}


void net_again_stop(struct net_again *a)
{
	if (a->all)
		ue_timer_cancel(&a->all->net->sim->timers, &a->timer);
	a->len = 0;
}
