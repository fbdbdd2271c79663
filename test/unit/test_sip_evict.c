/**
 * @file test_sip_evict.c  What gives way when SIP transactions run out
 *
 * With the timers of IMS an answered transaction stays for 17 s (K) or 128 s
 * (J): without giving way eight quick requests would be the most.
 */
#include <errno.h>
#include <string.h>
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"

static struct kit k;


static void many_requests(void)
{
	kit_init(&k, KIT_UDP | KIT_IMS);

	for (unsigned i = 0; i < 3 * UE_CTRANS_MAX; i++) {
		CHECK_EQ(kit_start(&k, NULL, "REGISTER", 0), 0);
		kit_respond(&k, k.sentc - 1, 200, "t", NULL);
		CHECK_EQ(k.respc, i + 1);
		CHECK_EQ(k.respv[i].code, 200);
		if (k.respc == KIT_CALLS)
			break;
	}
	CHECK_EQ(k.sip.stats.no_memory, 0);

	kit_run(&k, 200000);
	CHECK(kit_clean(&k));
}


static void open_ones_stay(void)
{
	unsigned n;

	kit_init(&k, KIT_UDP | KIT_IMS);

	/* one is answered, the others wait */
	for (unsigned i = 0; i < UE_CTRANS_MAX; i++)
		CHECK_EQ(kit_start(&k, NULL, "MESSAGE", 0), 0);
	kit_respond(&k, 3, 200, "t", NULL);

	CHECK_EQ(kit_start(&k, NULL, "MESSAGE", 0), 0);
	CHECK_EQ(kit_start(&k, NULL, "MESSAGE", 0), ENOMEM);
	CHECK_EQ(k.sip.stats.no_memory, 1);

	/* every one that waited still gets its answer */
	for (n = 0; n <= UE_CTRANS_MAX; n++) {
		if (n != 3)
			kit_respond(&k, n, 200, "t", NULL);
	}
	CHECK_EQ(k.respc, UE_CTRANS_MAX + 1);
	kit_run(&k, 200000);
	CHECK(kit_clean(&k));
}


static void late_response(void)
{
	kit_init(&k, KIT_UDP | KIT_IMS);

	for (unsigned i = 0; i <= UE_CTRANS_MAX; i++) {
		CHECK_EQ(kit_start(&k, NULL, "REGISTER", 0), 0);
		kit_respond(&k, i, 200, "t", NULL);
	}

	/* the first has given way: its repeated response is dropped */
	kit_respond(&k, 0, 200, "t", NULL);
	CHECK_EQ(k.respc, UE_CTRANS_MAX + 1);
	CHECK_EQ(k.sip.stats.rx_unmatched, 1);
}


static void many_notifies(void)
{
	char branch[32];

	kit_init(&k, KIT_UDP | KIT_IMS);
	k.auto_code = 200;

	for (unsigned i = 0; i < 2 * UE_STRANS_MAX; i++) {
		(void)re_snprintf(branch, sizeof(branch), "z9hG4bKn%u", i);
		kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "NOTIFY",
			    branch, i + 1, NULL, NULL);
		CHECK_EQ(k.reqc, i + 1);
		CHECK(kit_is(&k, k.sentc - 1, "SIP/2.0 200"));
	}
	CHECK_EQ(k.sip.stats.no_memory, 0);

	/* the newest is still there: its response is repeated */
	kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "NOTIFY", branch,
		    2 * UE_STRANS_MAX, NULL, NULL);
	CHECK_EQ(k.reqc, 2 * UE_STRANS_MAX);
	CHECK(kit_is(&k, k.sentc - 1, "SIP/2.0 200"));

	kit_run(&k, 200000);
	CHECK(kit_clean(&k));
}


static const char *own_tag(void)
{
	const char *p = strstr(kit_hdr(&k, k.sentc - 1, "To"), ";tag=");

	return p ? p + 5 : "";
}


/* More sessions in 128 s than there are transactions */
static void many_invites(void)
{
	char branch[32];

	kit_init(&k, KIT_UDP | KIT_IMS);

	for (unsigned i = 0; i < 3 * UE_CTRANS_MAX && k.respc < KIT_CALLS;
	     i++) {
		CHECK_EQ(kit_start(&k, NULL, "INVITE", 0), 0);
		kit_respond(&k, k.sentc - 1, i % 2 ? 200 : 486, "t", NULL);
	}
	CHECK_EQ(k.sip.stats.no_memory, 0);
	kit_run(&k, 200000);
	CHECK(kit_clean(&k));

	/* as server, each with its ACK */
	kit_init(&k, KIT_UDP | KIT_IMS);
	for (unsigned i = 0; i < 2 * UE_STRANS_MAX; i++) {
		k.auto_code = i % 2 ? 200 : 486;
		(void)re_snprintf(branch, sizeof(branch), "z9hG4bKi%u", i);
		kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "INVITE",
			    branch, i + 1, NULL, NULL);
		kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "ACK",
			    branch, i + 1, own_tag(), NULL);
	}
	CHECK_EQ(k.sip.stats.no_memory, 0);
	kit_run(&k, 200000);
	CHECK(kit_clean(&k));
}


/* Those that nobody has acknowledged are still needed */
static void unacknowledged(void)
{
	char branch[32];
	unsigned i;

	kit_init(&k, KIT_UDP | KIT_IMS);
	k.auto_code = 200;

	for (i = 0; i < UE_STRANS_MAX; i++) {
		(void)re_snprintf(branch, sizeof(branch), "z9hG4bKi%u", i);
		kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "INVITE",
			    branch, i + 1, NULL, NULL);
	}
	kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "BYE", "z9hG4bKb", 90,
		    NULL, NULL);
	CHECK(kit_is(&k, k.sentc - 1, "SIP/2.0 503"));
	CHECK_EQ(k.reqc, UE_STRANS_MAX);
}


/* Somebody who acknowledges nothing must not keep a BYE out */
static void refused(void)
{
	char branch[32];
	unsigned i;

	kit_init(&k, KIT_UDP | KIT_IMS);
	k.auto_code = 486;

	for (i = 0; i < UE_STRANS_MAX; i++) {
		(void)re_snprintf(branch, sizeof(branch), "z9hG4bKi%u", i);
		kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "INVITE",
			    branch, i + 1, NULL, NULL);
	}
	k.auto_code = 200;
	kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "BYE", "z9hG4bKb", 90,
		    NULL, NULL);
	CHECK(kit_is(&k, k.sentc - 1, "SIP/2.0 200"));
	CHECK_EQ(k.sip.stats.no_memory, 0);
	kit_run(&k, 200000);
	CHECK(kit_clean(&k));
}


/* Its answer may have been lost, and is repeated until the ACK: what has its
   ACK gives way before, however young */
static void refused_once(void)
{
	char branch[32];
	unsigned i, n;

	kit_init(&k, KIT_UDP | KIT_IMS);
	for (i = 0; i < UE_STRANS_MAX; i++) {
		k.auto_code = i ? 200 : 486;
		(void)re_snprintf(branch, sizeof(branch), "z9hG4bKi%u", i);
		kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "INVITE",
			    branch, i + 1, NULL, NULL);
		if (i)
			kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "ACK",
				    branch, i + 1, own_tag(), NULL);
	}
	kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "BYE", "z9hG4bKb", 90,
		    NULL, NULL);
	CHECK(kit_is(&k, k.sentc - 1, "SIP/2.0 200"));

	/* G, and the INVITE that comes again */
	n = k.sentc;
	kit_run(&k, 2000);
	CHECK_EQ(k.sentc, n + 1);
	CHECK(kit_is(&k, n, "SIP/2.0 486"));
	n = k.reqc;
	kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), "INVITE",
		    "z9hG4bKi0", 1, NULL, NULL);
	CHECK_EQ(k.reqc, n);
	CHECK(kit_is(&k, k.sentc - 1, "SIP/2.0 486"));
	kit_run(&k, 200000);
	CHECK(kit_clean(&k));
}


extern const struct test_case suite_sip_evict[];
const struct test_case suite_sip_evict[] = {
	{"RFC 3261 s17.1.2: answered requests give way to new ones",
	 many_requests},
	{"RFC 3261 s17.1.2: requests without an answer do not give way",
	 open_ones_stay},
	{"RFC 3261 s17.1.2: a response to one that gave way is dropped",
	 late_response},
	{"RFC 3261 s17.2.2: answered NOTIFYs give way to new ones",
	 many_notifies},
	{"RFC 6026 s7: INVITEs that have their ACK give way", many_invites},
	{"RFC 6026 s7.1: a 2xx without its ACK does not give way",
	 unacknowledged},
	{"RFC 3261 s17.2.1: a refused INVITE without its ACK gives way",
	 refused},
	{"RFC 3261 s17.2.1: but after the INVITEs that have their ACK",
	 refused_once},
	{NULL, NULL}
};
