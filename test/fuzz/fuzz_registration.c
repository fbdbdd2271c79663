/**
 * @file fuzz_registration.c  libFuzzer target: a network that does what it
 * likes with a UE
 *
 * Input: records of one octet that says what happens, and for some a text up
 * to the next zero octet:
 *
 *   0      time passes: the next two octets, in 64 ms
 *   1      ue_register()    2  ue_reregister()    3  ue_deregister()
 *   4      the card's next results: the next octet
 *   5      an answer to the last request: two octets status, text: fields
 *   6      the ordinary answer to the last request
 *   7      NOTIFY in the last SUBSCRIBE's dialog; text: document
 *   8      NOTIFY; text: fields
 *   9      any request; text: fields
 *   10     octets as they are; text
 *   11     the flow is lost
 *
 * Whatever came, each command has had one outcome, no event is lost, and
 * after a deregistration nothing is left.
 */
#include <limits.h>
#include "test/fuzz/records.h"
#include "test/unit/reg_kit.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct {
	unsigned subscribe;     /* its number among what was sent        */
	unsigned cseq;
	unsigned registers, deregisters;
	unsigned registered, failed, deregistered;
} f;


static void count_h(struct rk *k, const struct ue_event *ev)
{
	(void)k;

	f.registered += ev->type == UE_EVENT_REGISTERED;
	f.failed += ev->type == UE_EVENT_REGISTER_FAILED;
	f.deregistered += ev->type == UE_EVENT_DEREGISTERED &&
		ev->dereg == UE_DEREG_USER;
	must(memchr(ev->text, '\0', sizeof(ev->text)) != NULL);
	rk.eventc = 0;
}


/* The log of what was sent is short: begin anew, keep the last and the
   SUBSCRIBE */
static void tidy(void)
{
	unsigned i;

	for (i = rk.sentc; i-- > 0;) {
		if (rk_is(i, "SUBSCRIBE")) {
			f.subscribe = i;
			break;
		}
	}

	if (rk.sentc < RK_SENT - 8)
		return;

	memcpy(rk.sentv[0], rk.sentv[f.subscribe], RK_TEXT);
	memcpy(rk.sentv[1], rk.sentv[rk.sentc - 1], RK_TEXT);
	rk.sentc = 2;
	f.subscribe = 0;
}


static void ordinary(void)
{
	const unsigned n = rk_last();

	if (!rk.sentc)
		return;

	if (rk_is(n, "REGISTER") && rk_has(n, "nonce=\"\""))
		rk_challenge();
	else if (rk_is(n, "REGISTER") && !strcmp(rk_hdr(n, "Expires"), "0"))
		rk_reply(200, NULL);
	else if (rk_is(n, "REGISTER"))
		rk_ok(3600, "P-Associated-URI: <sip:alice@home1.net>\r\n");
	else if (rk_is(n, "SUBSCRIBE"))
		rk_reply(200, "Contact: <sip:s@h>\r\nExpires: 3600\r\n");
}


static void notify(const char *lines, const char *body)
{
	if (rk_is(f.subscribe, "SUBSCRIBE"))
		(void)rk_notify(f.subscribe, ++f.cseq, "net", lines, body);
}


static void record(void)
{
	const unsigned what = octet() % 12;
	unsigned v;

	switch (what) {

	case 0:
		v = octet();
		rk_run((v << 8 | octet()) * 64);
		break;

	case 1: f.registers += !ue_register(&rk.ue); break;
	case 2: (void)ue_reregister(&rk.ue); break;
	case 3: f.deregisters += !ue_deregister(&rk.ue); break;

	case 4:
		v = octet();
		rk.card.status = (enum ue_usim_status)(v & 3);
		rk.card.res_len = (uint8_t)(v >> 3);
		break;

	case 5:
		v = octet() << 8;
		v = 100 + (v | octet()) % 600;
		if (rk.sentc && !rk_status(rk_last()))
			rk_reply(v, text());
		break;

	case 6: ordinary(); break;
	case 7:
		notify("Event: reg\r\nSubscription-State: active\r\n",
		       text());
		break;

	case 8: notify(text(), NULL); break;
	case 9: (void)rk_request("OPTIONS", text()); break;
	case 10: (void)rk_recv(text()); break;

	default:
		if (rk.flow != UINT_MAX)
			ue_flow_closed(&rk.ue, rk.now_ms, rk.flow, ENETDOWN);
		rk.flow = UINT_MAX;
		break;
	}

	tidy();
	must(rk.ue.event_count <= UE_EVENTS_MAX);
	must(!rk.ue.stats.events_lost);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned i;

	memset(&f, 0, sizeof(f));
	records_begin(data, len);

	rk_begin();
	rk.eventh = count_h;
	must(!rk_init());

	for (i = 0; i < 200 && records.left; i++)
		record();

	/* silence, then the end */
	rk_run(300000);
	f.deregisters += !ue_deregister(&rk.ue);
	rk_run(600000);
	must(f.deregisters == f.deregistered);
	must(f.registered + f.failed >= f.registers);
	must(!ue_reg_info(&rk.ue)->registered);
	must(!rk_end());

	return 0;
}
