/**
 * @file test_ue_calls.c  ue.h: calls that are wrong have no effect
 */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/msg_kit.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"

/* ue_file_*() of a UE without them */
#define FILES(err) (UE_FILE_TRANSFER ? (err) : ENOTSUP)

static const struct ue_message hello = {
	.type = "text/plain", .data = (const uint8_t *)"hello", .len = 5
};
static const char *const bobs[] = {BOB};
static const struct ue_confer confers[] = {{BOB, UE_CONFER_ADD}};


static int read_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	(void)p;
	(void)n;
	(void)off;
	(void)arg;

	return EIO;
}


static const struct ue_file file = {.name = "a", .size = 5, .read_h = read_h};


/* What the port hands in, to a UE that cannot take it */
static void hand_in(struct ue *ue)
{
	const struct ue_addr from = {.family = 4};
	uint8_t data[4] = {0};
	unsigned flow = 77;
	size_t used = 77;

	CHECK_EQ(ue_flow_recv(ue, 9, 0, &from, data, 4), EINVAL);
	CHECK_EQ(ue_flow_stream(ue, 9, UE_FLOWS_MAX, data, 4, &used), EINVAL);
	CHECK_EQ(ue_flow_accepted(ue, 9, 0, &from, &flow), EINVAL);
	CHECK_EQ(flow, 77);
	CHECK_EQ(used, 77);
	ue_flow_writable(ue, 9, UE_FLOWS_MAX);
	ue_flow_connected(ue, 9, UE_FLOWS_MAX);
	ue_flow_closed(ue, 9, UE_FLOWS_MAX, 0);
	ue_usim_result(ue, &rk.card);
	ue_resolved(ue, 0, 0, NULL, NULL, 0);
	ue_qos_result(ue, 1, 0);
}


static void command(struct ue *ue)
{
	struct ue_conf *conf = NULL;
	struct ue_file_info info;
	unsigned id = 77;
	uint32_t wait_ms = 77;

	CHECK_EQ(ue_poll(ue, 9, &wait_ms), EINVAL);
	CHECK_EQ(wait_ms, 77);
	CHECK_EQ(ue_register(ue), EINVAL);
	CHECK_EQ(ue_reregister(ue), EINVAL);
	CHECK_EQ(ue_deregister(ue), EINVAL);
	CHECK_EQ(ue_address_changed(ue), EINVAL);
	CHECK_EQ(ue_session_start(ue, &id, BOB, NULL), EINVAL);
	CHECK_EQ(ue_session_accept(ue, 1), EINVAL);
	CHECK_EQ(ue_session_reject(ue, 1, 0), EINVAL);
	CHECK_EQ(ue_session_hold(ue, 1), EINVAL);
	CHECK_EQ(ue_session_resume(ue, 1), EINVAL);
	CHECK_EQ(ue_session_end(ue, 1), EINVAL);
	CHECK_EQ(ue_message_send(ue, 1, &hello), ENOENT);
	CHECK_EQ(ue_message_displayed(ue, 1, "x", 1), EINVAL);
	CHECK_EQ(ue_message_abort(ue, NULL), ENOENT);
	CHECK_EQ(ue_nickname(ue, 1, "Al"), ENOENT);
	CHECK_EQ(ue_page_send(ue, BOB, &hello, NULL, 0), EINVAL);
	CHECK_EQ(ue_file_send(ue, &id, BOB, &file), FILES(EINVAL));
	CHECK_EQ(ue_file_fetch(ue, &id, BOB, &file), FILES(EINVAL));
	CHECK_EQ(ue_file_accept(ue, 1, &file), FILES(ENOENT));
	CHECK_EQ(ue_file_end(ue, 1, 0), FILES(ENOENT));
	CHECK_EQ(ue_file_info(&info, ue, 1), FILES(ENOENT));
	CHECK_EQ(ue_conf_join(ue, &conf, CK_FOCUS, NULL), EINVAL);
	CHECK_EQ(ue_conf_create(ue, &conf, NULL), EINVAL);
	CHECK_EQ(ue_conf_watch(ue, &conf, CK_FOCUS, 0), EINVAL);
	CHECK_EQ(ue_poc_establish(ue, &conf, CK_FOCUS, NULL), EINVAL);
	CHECK_EQ(ue_conf_initiate(ue, &conf, CK_FOCUS, confers, 1),
		 UE_INITIATE ? EINVAL : ENOTSUP);
	CHECK(conf == NULL);
	CHECK_EQ(id, 77);
}


/* Before ue_init(), after ue_close(), and without a UE */
static void not_open(void)
{
	static struct ue zero;
	unsigned n;

	rk_begin();
	command(NULL);
	hand_in(NULL);
	ue_close(NULL);
	command(&zero);
	hand_in(&zero);
	ue_close(&zero);

	CHECK(mg_begin(NULL));
	ue_close(&rk.ue);
	n = rk.sentc;
	rk.eventc = 0;
	command(&rk.ue);
	hand_in(&rk.ue);
	ue_close(&rk.ue);
	CHECK_EQ(rk.sentc, n);
	CHECK_EQ(rk.eventc, 0);
}


static void no_event(struct ue *ue, const struct ue_event *ev, void *arg)
{
	(void)ue;
	(void)ev;
	(void)arg;
}


/* struct ue_port: what every port must have */
static void poor_port(void)
{
	static const size_t offset[] = {
		offsetof(struct ue_port, flow_open),
		offsetof(struct ue_port, flow_send),
		offsetof(struct ue_port, flow_close),
		offsetof(struct ue_port, random)
	};
	size_t i;

	for (i = 0; i < sizeof(offset) / sizeof(offset[0]); i++) {
		rk_begin();
		memset((char *)&rk.port + offset[i], 0,
		       sizeof(rk.port.random));
		CHECK_EQ(rk_init(), EINVAL);
	}

	rk_begin();
	CHECK_EQ(ue_init(NULL, &rk.set, &rk.port, no_event, NULL), EINVAL);
	CHECK_EQ(ue_init(&rk.ue, NULL, &rk.port, no_event, NULL), EINVAL);
	CHECK_EQ(ue_init(&rk.ue, &rk.set, NULL, no_event, NULL), EINVAL);
	CHECK_EQ(ue_init(&rk.ue, &rk.set, &rk.port, NULL, NULL), EINVAL);
	CHECK_EQ(ue_init(&rk.ue, &rk.set, &rk.port, no_event, NULL), 0);
	ue_close(&rk.ue);

	/* no word of what is wrong, where there is no log */
	rk_begin();
	rk.port.log = NULL;
	rk.set.home = "a b";
	CHECK_EQ(rk_init(), EINVAL);
	CHECK_STR(rk.log, "");
}


/* A struct of any content is closed when a setting or an argument is wrong,
 * so that nothing follows what stood in it; one that was open too */
static void refused(void)
{
	rk_begin();
	rk.set.home = "a b";
	memset(&rk.ue, 0xff, sizeof(rk.ue));
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(strstr(rk.log, "settings: "));
	CHECK_EQ(ue_register(&rk.ue), EINVAL);
	ue_close(&rk.ue);

	rk_begin();
	memset(&rk.ue, 0xff, sizeof(rk.ue));
	CHECK_EQ(ue_init(&rk.ue, &rk.set, NULL, no_event, NULL), EINVAL);
	CHECK_EQ(ue_register(&rk.ue), EINVAL);
	ue_close(&rk.ue);

	rk_begin();
	CHECK_EQ(rk_init(), 0);
	rk.set.home = "a b";
	CHECK_EQ(rk_init(), EINVAL);
	CHECK_EQ(ue_register(&rk.ue), EINVAL);
}


/* Lines of the description, and a port without streams */
static void poor_messaging(void)
{
	static const struct ue_messaging poor[] = {
		{.accept_types = "text/plain\r\na=sendonly"},
		{.wrapped_types = "*\n"}
	};
	static const struct ue_messaging good;
	size_t i;

	for (i = 0; i < sizeof(poor) / sizeof(poor[0]); i++) {
		rk_begin();
		rk.port.flow_sendv = rk_sendv;
		rk.set.messaging = &poor[i];
		CHECK_EQ(rk_init(), EINVAL);
		CHECK(strstr(rk.log, "settings: messaging:"));
	}

	rk_begin();
	rk.set.messaging = &good;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(strstr(rk.log, "settings: messaging:"));
	rk.port.flow_sendv = rk_sendv;
	CHECK_EQ(rk_init(), 0);
}


/* struct ue_audio, and a P-CSCF that is too long */
static void poor_settings(void)
{
	static const struct ue_codec codec = {.name = "AMR", .rate_hz = 8000};
	static const struct ue_codec poor[] = {
		{NULL, 8000, 97, NULL}, {"A\r\nB", 8000, 97, NULL},
		{"AMR", 0, 97, NULL}, {"AMR", 8000, 128, NULL},
		{"AMR", 8000, 97, "a\nb=AS:1"}
	};
	static const struct ue_audio audios[] = {
		{0, &codec, 1, 0, 0}, {4000, NULL, 1, 0, 0},
		{4000, &codec, 0, 0, 0},
		{4000, &codec, UE_CODECS_MAX + 1, 0, 0},
		{65535, &codec, 1, 0, 1}, {4000, &poor[0], 1, 0, 0},
		{4000, &poor[1], 1, 0, 0}, {4000, &poor[2], 1, 0, 0},
		{4000, &poor[3], 1, 0, 0}, {4000, &poor[4], 1, 0, 0}
	};
	static char name[UE_URI_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(audios) / sizeof(audios[0]); i++) {
		rk_begin();
		rk.set.audio = &audios[i];
		CHECK_EQ(rk_init(), EINVAL);
		CHECK(strstr(rk.log, "settings: audio:"));
	}

	rk_begin();
	memset(name, 'a', UE_URI_MAX);
	rk.set.pcscfv[0] = name;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(strstr(rk.log, "settings: pcscf:"));

	/* nothing is something else than nothing there */
	rk_begin();
	rk.set.contact_params = "";
	CHECK_EQ(rk_init(), 0);
	ue_close(&rk.ue);
}


/* Arguments that are missing, numbers that nothing has */
static void wrong_arguments(void)
{
	struct ue_conf *conf = NULL;
	unsigned id = 77, n;

	CHECK(mg_begin(NULL));
	n = rk.sentc;
	CHECK_EQ(ue_session_start(&rk.ue, NULL, BOB, NULL), EINVAL);
	CHECK_EQ(ue_session_start(&rk.ue, &id, NULL, NULL), EINVAL);
	CHECK_EQ(ue_session_accept(&rk.ue, 9), ENOENT);
	CHECK_EQ(ue_session_reject(&rk.ue, 9, 0), ENOENT);
	CHECK_EQ(ue_session_reject(&rk.ue, 9, 299), EINVAL);
	CHECK_EQ(ue_session_hold(&rk.ue, 9), ENOENT);
	CHECK_EQ(ue_session_resume(&rk.ue, 9), ENOENT);
	CHECK_EQ(ue_session_end(&rk.ue, 9), ENOENT);
	CHECK_EQ(ue_message_displayed(&rk.ue, 9, NULL, 0), EINVAL);
	CHECK_EQ(ue_file_send(&rk.ue, NULL, BOB, &file), FILES(EINVAL));
	CHECK_EQ(ue_file_send(&rk.ue, &id, NULL, &file), FILES(EINVAL));
	CHECK_EQ(ue_file_send(&rk.ue, &id, "bob", &file), FILES(EINVAL));
	CHECK_EQ(ue_file_send(&rk.ue, &id, BOB, NULL), FILES(EINVAL));
	CHECK_EQ(ue_file_info(NULL, &rk.ue, 9), FILES(ENOENT));
	CHECK_EQ(ue_conf_join(&rk.ue, NULL, CK_FOCUS, NULL), EINVAL);
	CHECK_EQ(ue_conf_watch(&rk.ue, NULL, CK_FOCUS, 0), EINVAL);
	CHECK_EQ(ue_conf_watch(&rk.ue, &conf, "bob", 0), EINVAL);
	CHECK_EQ(ue_conf_leave(NULL), EINVAL);
	CHECK_EQ(ue_conf_accept(NULL, NULL), EPROTO);
	CHECK_EQ(ue_conf_invite(NULL, BOB, UE_CONF_BY_FOCUS), EPROTO);
	CHECK_EQ(ue_conf_invite_list(NULL, bobs, 1), EPROTO);
	CHECK_EQ(ue_conf_remove(NULL, BOB), EPROTO);
	CHECK_EQ(ue_conf_end(NULL), EPROTO);
	CHECK_EQ(ue_conf_move(NULL, 1), EPROTO);
	CHECK_EQ(ue_conf_hold(NULL, true), EPROTO);
	CHECK_EQ(ue_conf_subscribe(NULL), EPROTO);
	CHECK_EQ(ue_conf_unsubscribe(NULL), EPROTO);
	CHECK_EQ(ue_poc_leave(NULL, NULL), EPROTO);
	CHECK_EQ(ue_poc_end(NULL, NULL, bobs, 1), EPROTO);
#if UE_INITIATE
	CHECK_EQ(ue_conf_hold_user(NULL, BOB, true), EPROTO);
	CHECK_EQ(ue_conf_initiate(&rk.ue, NULL, CK_FOCUS, confers, 1),
		 EINVAL);
	CHECK_EQ(ue_conf_initiate(&rk.ue, &conf, CK_FOCUS, NULL, 1), EINVAL);
	CHECK_EQ(ue_conf_initiate(&rk.ue, &conf, CK_FOCUS, confers, 65536),
		 EINVAL);
	CHECK_EQ(ue_conf_initiate(&rk.ue, &conf, CK_FOCUS, confers, 0),
		 EINVAL);
#endif
	rk_run(0);
	CHECK_EQ(rk.sentc, n);
	CHECK_EQ(id, 77);
	CHECK(conf == NULL);
	CHECK_STR(rk_end(), NULL);

	/* in a conference */
	CHECK(ck_joined());
	n = rk.sentc;
	CHECK_EQ(ue_conf_invite(ck.conf, NULL, UE_CONF_BY_FOCUS), EINVAL);
	CHECK_EQ(ue_conf_invite(ck.conf, "", UE_CONF_BY_USER), EINVAL);
	CHECK_EQ(ue_conf_remove(ck.conf, NULL), EINVAL);
	CHECK_EQ(ue_conf_invite_list(ck.conf, NULL, 1), EINVAL);
	CHECK_EQ(ue_conf_invite_list(ck.conf, bobs, 0), EINVAL);
	CHECK_EQ(rk.sentc, n);
	CHECK_STR(ck_end(), NULL);
}


/* Flows that the UE does not have */
static void wrong_flows(void)
{
	const struct ue_addr from = {.family = 4};
	uint8_t data[4] = {0};
	unsigned flow = 77, n, i;
	size_t used = 77;
	const unsigned none[] = {UE_FLOWS_ALL, UINT_MAX};

	CHECK(mg_begin(NULL));
	rk_run(0);
	rk.eventc = 0;
	n = rk.sentc;
	CHECK_EQ(ue_flow_recv(&rk.ue, rk.now_ms, 0, &from, NULL, 4), EINVAL);
	CHECK_EQ(ue_flow_recv(&rk.ue, rk.now_ms, 0, &from, data, 0), EINVAL);
	CHECK_EQ(ue_flow_stream(&rk.ue, rk.now_ms, UE_FLOWS_MAX, NULL, 4,
				&used), EINVAL);
	CHECK_EQ(ue_flow_stream(&rk.ue, rk.now_ms, UE_FLOWS_MAX, data, 4,
				NULL), EINVAL);
	CHECK_EQ(ue_flow_stream(&rk.ue, rk.now_ms, UE_FLOWS_MAX - 1, data, 4,
				&used), EINVAL);
	CHECK_EQ(ue_flow_stream(&rk.ue, rk.now_ms, MESSAGING_LISTENER, data,
				4, &used), EINVAL);
	CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms, 0, NULL, &flow), EINVAL);
	CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms, 0, &from, NULL), EINVAL);
	CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms, UE_FLOWS_ALL, &from,
				  &flow), EINVAL);
	for (i = 0; i < 2; i++) {
		ue_flow_writable(&rk.ue, rk.now_ms, none[i]);
		ue_flow_connected(&rk.ue, rk.now_ms, none[i]);
		ue_flow_closed(&rk.ue, rk.now_ms, none[i], EIO);
	}
	ue_flow_writable(&rk.ue, rk.now_ms, 0);
	ue_usim_result(&rk.ue, NULL);
	CHECK_EQ(flow, 77);
	CHECK_EQ(used, 77);
	rk_run(0);
	CHECK_EQ(rk.eventc, 0);
	CHECK_EQ(rk.sentc, n);
	CHECK_STR(rk_end(), NULL);
}


const struct test_case suite_ue_calls[] = {
	{"ue.h: before ue_init() and after ue_close()", not_open},
	{"ue_init(): a port without what every port has", poor_port},
	{"ue_init(): refused, the struct is closed", refused},
	{"ue_init(): struct ue_audio", poor_settings},
	{"ue_init(): struct ue_messaging", poor_messaging},
	{"ue.h: arguments that are missing or wrong", wrong_arguments},
	{"ue.h: flows that the UE does not have", wrong_flows},
	{NULL, NULL}
};
