/**
 * @file test_sip_loss.c  Two SIP cores with a bad network between them
 */
#include <errno.h>
#include <string.h>
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"

#define RUNS 60

static struct kit a, b;         /* client, server */
static uint32_t seed;


static unsigned percent(void)
{
	seed = seed * 1664525u + 1013904223u;

	return (seed >> 8) % 100;
}


/* What one has sent reaches the other: lost, once, or twice */
static void carry(struct kit *to, const struct kit *from, unsigned *done,
		  const struct ue_addr *src, unsigned loss)
{
	while (*done < from->sentc) {

		const struct kit_sent *s = &from->sentv[(*done)++];

		if (percent() < loss)
			continue;

		kit_recv(to, to->hop.flow_us, src, s->msg, s->len);
		if (percent() < loss / 2)
			kit_recv(to, to->hop.flow_us, src, s->msg, s->len);
	}
}


/* One request, until both are at rest */
static void run(const char *method, uint16_t code, unsigned loss)
{
	struct sip_hop_params prm;
	struct ue_addr client = kit_own;
	unsigned from_a = 0, from_b = 0;

	kit_init(&a, KIT_UDP);
	kit_init(&b, 0);
	b.auto_code = code;
	client.port = 5070;
	memset(&prm, 0, sizeof(prm));
	prm.local = kit_peer;
	prm.peer = client;
	prm.udp = true;
	(void)sip_hop_open(&b.hop, &b.sip, &prm, NULL, NULL);

	(void)kit_start(&a, NULL, method, 0);
	for (;;) {

		uint64_t now = UINT64_MAX;

		carry(&b, &a, &from_a, &client, loss);
		carry(&a, &b, &from_b, &kit_peer, loss);

		if (a.timers.head)
			now = a.timers.head->due_ms;
		if (b.timers.head && b.timers.head->due_ms < now)
			now = b.timers.head->due_ms;
		if (now == UINT64_MAX)
			break;

		kit_run(&a, now);
		kit_run(&b, now);
	}
}


/* Requests that the server's user was asked to answer.  An ACK that comes
   when all is over is shown to him, too */
static unsigned requests(void)
{
	unsigned i, n = 0;

	for (i = 0; i < b.reqc && i < KIT_CALLS; i++)
		n += b.reqv[i].st;

	return n;
}


/* Final outcomes that the client's user was told */
static unsigned outcomes(void)
{
	unsigned i, n = 0;

	for (i = 0; i < a.respc; i++)
		n += a.respv[i].err != 0 || a.respv[i].code >= 200;

	return n;
}


static void other_methods(void)
{
	unsigned i, answered = 0;

	for (i = 0; i < RUNS; i++) {
		seed = i + 1;
		run("MESSAGE", 200, i % 6 * 10);

		/* the server's user sees it once at most; the client's user
		   hears one end: RFC 3261 s17 */
		CHECK(requests() <= 1);
		CHECK_EQ(outcomes(), 1);
		CHECK(a.respv[0].err == 0 || a.respv[0].err == ETIMEDOUT);
		answered += a.respv[0].code == 200;
		CHECK(kit_clean(&a) && kit_clean(&b));
		CHECK(i % 6 || (requests() == 1 && a.respv[0].code == 200));
	}

	/* eleven sendings get through nearly always */
	CHECK(answered >= RUNS * 9 / 10);
}


static void invite_refused(void)
{
	unsigned i, acked = 0, answered = 0;

	for (i = 0; i < RUNS; i++) {
		seed = i + 1;
		run("INVITE", 486, i % 6 * 10);
		CHECK(requests() <= 1);
		CHECK_EQ(outcomes(), 1);
		answered += a.respv[0].code == 486;
		/* the ACK has come, or timer H has told */
		CHECK(b.stc <= 1);
		acked += requests() == 1 && b.stc == 0;
		CHECK(kit_clean(&a) && kit_clean(&b));
	}

	CHECK(answered >= RUNS * 9 / 10);
	CHECK(acked >= RUNS * 9 / 10);
}


static void invite_accepted(void)
{
	unsigned i, n;

	for (i = 0; i < RUNS; i++) {
		seed = i + 1;
		run("INVITE", 200, i % 6 * 10);
		CHECK(requests() <= 1);

		/* each 2xx that came is handed on (RFC 6026); nobody sends
		   the ACK here, so the server's user is told */
		for (n = 0; n < a.respc && n < KIT_CALLS; n++)
			CHECK(a.respv[n].code == 200 ||
			      a.respv[n].err == ETIMEDOUT);
		CHECK(outcomes() >= 1);
		CHECK_EQ(b.stc, requests());
		CHECK(requests() == 0 || b.stv[0].err == ETIMEDOUT);
		CHECK(kit_clean(&a) && kit_clean(&b));
	}
}


const struct test_case suite_sip_loss[] = {
	{"RFC 3261 s17: other requests at 0 to 50 % loss, with doubles",
	 other_methods},
	{"RFC 3261 s17: INVITE refused at 0 to 50 % loss, with doubles",
	 invite_refused},
	{"RFC 6026: INVITE accepted at 0 to 50 % loss, with doubles",
	 invite_accepted},
	{NULL, NULL}
};
