/**
 * @file fuzz_conference.c  libFuzzer target: conferences, commands and messages
 * in any order; REFER in both roles, sipfrag, Refer-To
 *
 * Input: records of one octet that says what happens, the next octet where a
 * number is needed, and for some a text up to the next zero octet:
 *
 *   0      time passes: two octets, in 16 ms
 *   1..3   join, create, watch
 *   4..11  accept, leave, invite, remove, hold, resume, subscribe, unsubscribe
 *   12     an answer to our last request; status; text: fields
 *   13     200 to our last INVITE, of a focus
 *   14     NOTIFY `conference`; text: the document
 *   15     NOTIFY `refer`; text: sipfrag
 *   16     a request of the focus in the session; text: method
 *   17     REFER to us; text: Refer-To
 *   18     INVITE to us; text: fields
 *   19     ACK or BYE to what we answered
 *   20     the registration is lost
 *   21     SUBSCRIBE in the dialog of our last NOTIFY; text: fields
 *
 * Whatever came, each conference ends, each REFER has its outcome first, and
 * nothing is left.
 */
#include "test/fuzz/records.h"
#include "test/unit/reg_kit.c"
#include "test/unit/conf_kit.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct {
	struct ue_conf *confv[UE_CONFS_MAX];
	unsigned requests;              /* that are owed an outcome      */
} f;


/* A line that cannot end the header fields */
static const char *line(void)
{
	char *p;

	(void)text();
	for (p = records.text; *p; p++) {
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	}

	return records.text;
}


static struct ue_conf **find(const struct ue_conf *conf)
{
	unsigned i;

	for (i = 0; i < UE_CONFS_MAX; i++) {
		if (f.confv[i] == conf)
			return &f.confv[i];
	}

	return NULL;
}


static void keep(struct ue_conf *conf)
{
	struct ue_conf **slot = find(NULL);

	must(slot != NULL);
	*slot = conf;
}


static void told(struct rk *k, const struct ue_event *ev)
{
	struct ue_conf **slot;

	k->eventc = 0;
	if (!ev->conf)
		return;

	slot = find(ev->conf);
	if (ev->type == UE_EVENT_CONF_INVITATION) {
		must(!slot);
		keep(ev->conf);
		return;
	}

	must(slot != NULL);
	if (ev->type == UE_EVENT_CONF_REQUEST_DONE)
		must(f.requests-- > 0);
	if (ev->type == UE_EVENT_CONF_ENDED ||
	    ev->type == UE_EVENT_CONF_FAILED)
		*slot = NULL;
}


static void begin_conf(unsigned what)
{
	static const char *const uriv[] = {"sip:a@x.net", "tel:+15550100"};
	const struct ue_conf_params prm = {
		.uriv = uriv, .uric = octet() % 3
	};
	struct ue_conf *conf;
	int err;

	err = what == 1 ? ue_conf_join(&rk.ue, &conf, CK_FOCUS, &prm)
		: what == 2 ? ue_conf_create(&rk.ue, &conf, &prm)
		: ue_conf_watch(&rk.ue, &conf, CK_FOCUS, octet());
	if (!err)
		keep(conf);
}


static void command(unsigned what)
{
	struct ue_conf *conf = f.confv[octet() % UE_CONFS_MAX];
	const unsigned how = octet();

	if (!conf)
		return;

	switch (what) {

	case 4:  (void)ue_conf_accept(conf, NULL); break;
	case 5:  (void)ue_conf_leave(conf); break;
	case 6:
		f.requests += !ue_conf_invite(conf, line(), how & 1
					      ? UE_CONF_BY_USER
					      : UE_CONF_BY_FOCUS);
		break;
	case 7:  f.requests += !ue_conf_remove(conf, line()); break;
	case 8:  (void)ue_conf_hold(conf, true); break;
	case 9:  (void)ue_conf_hold(conf, false); break;
	case 10: (void)ue_conf_subscribe(conf); break;
	default: (void)ue_conf_unsubscribe(conf); break;
	}
}


static void remember(void)
{
	unsigned n = ck_sent("INVITE");

	if (n != UINT_MAX)
		ck.invite = n;
	n = ck_sent("SUBSCRIBE");
	if (n != UINT_MAX)
		ck.subscribe = n;
}


static void answer(void)
{
	unsigned n, code = 100 + octet() * 3 % 600;

	for (n = rk.sentc; n-- > 0;) {
		if (rk_status(n) || rk_is(n, "ACK"))
			continue;
		(void)line();
		strcat(records.text, "\r\nContact: <" CK_FOCUS ">\r\n");
		ck_answer(n, code, "314159", records.text, NULL, NULL);
		return;
	}
}


static void message(unsigned what)
{
	static char lines[1400];
	unsigned n;

	switch (what) {

	case 12:
		answer();
		break;

	case 13:
		if (ck.invite < rk.sentc && rk_is(ck.invite, "INVITE"))
			ck_answer(ck.invite, 200, "314159", CK_CONTACT
				  CK_ALLOW, "application/sdp", CK_SDP);
		break;

	case 14:
		if (ck.subscribe < rk.sentc &&
		    rk_is(ck.subscribe, "SUBSCRIBE"))
			(void)ck_notify(octet() & 1 ? "active"
					: "terminated;reason=timeout",
					text());
		break;

	case 15:
		n = ck_sent("REFER");
		if (n != UINT_MAX)
			(void)ck_notify_refer(n, octet() & 1 ? "active"
					      : "terminated", text());
		break;

	case 16:
		if (ck.invite < rk.sentc && rk_is(ck.invite, "INVITE"))
			(void)ck_request(ck.invite, "314159", line(),
					 "Contact: <" CK_FOCUS ">\r\n", NULL,
					 NULL);
		break;

	case 17:
		snprintf(lines, sizeof(lines), "Contact: <sip:b@x.net>\r\n"
			 "Refer-To: %s\r\n", line());
		(void)ck_request(UINT_MAX, "b", "REFER", lines, NULL, NULL);
		break;

	case 18:
		snprintf(lines, sizeof(lines), CK_CONTACT "X: %s\r\n",
			 line());
		(void)ck_invite(lines, CK_SDP);
		break;

	default:
		(void)ck_in_invite(octet() & 1 ? "ACK" : "BYE", NULL);
	}
}


static void step(unsigned what)
{
	uint64_t ms;

	if (what == 0) {
		ms = octet() << 8;
		rk_run((ms | octet()) * 16);
	}
	else if (what <= 3) {
		begin_conf(what);
	}
	else if (what <= 11) {
		command(what);
	}
	else if (what <= 19) {
		message(what);
	}
	else if (what == 21) {
		if (ck_sent("NOTIFY") != UINT_MAX)
			(void)ck_request(ck_sent("NOTIFY"), "b", "SUBSCRIBE",
					 text(), NULL, NULL);
	}
	else {
		ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_REJECTED,
				   UINT32_MAX);
	}

	rk_run(0);
	remember();
	if (rk.sentc > RK_SENT - 16)
		rk.sentc = 0;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned i;

	memset(&f, 0, sizeof(f));
	records_begin(data, len);
	must(ck_begin(NULL));
	rk.eventh = told;
	ck.invite = ck.subscribe = UINT_MAX;

	while (records.left)
		step(octet() % 22);

	for (i = 0; i < UE_CONFS_MAX; i++) {
		if (f.confv[i])
			(void)ue_conf_leave(f.confv[i]);
	}
	rk.sentc = 0;
	for (i = 0; i < 60; i++) {
		rk_run(20000);
		rk.sentc = 0;
	}
	for (i = 0; i < UE_CONFS_MAX; i++)
		must(!f.confv[i]);
	must(!f.requests && !rk.ue.stats.events_lost);
	must(!ck_end());

	return 0;
}
