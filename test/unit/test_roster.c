/**
 * @file test_roster.c  Conference-info documents (RFC 4575) and the roster
 * that they add up to; the comparison with a model is in test/vectors
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/services/roster.h"

#define BEGIN "<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-" \
	"info\" entity=\"sip:c@example.com\" "
#define END "</conference-info>"
#define BOB "sip:bob@example.com"

static struct roster r;
static struct roster_work work;
static struct sip_store store;
static enum roster_result result;


static void clear(void)
{
	sip_store_init(&store);
	roster_init(&r, &store);
}


static int update(const char *doc)
{
	result = ROSTER_APPLIED;

	return roster_update(&r, &result, &work, doc, strlen(doc));
}


/* Bob with a connected endpoint, version 1 */
static int begin(void)
{
	clear();

	return update(BEGIN "state=\"full\" version=\"1\">"
		      "<conference-description><subject>S</subject>"
		      "</conference-description>"
		      "<conference-state><user-count>33</user-count>"
		      "</conference-state><users><user entity=\"" BOB "\">"
		      "<display-text>Bob</display-text><roles><entry>"
		      "participant</entry><entry>chair</entry></roles>"
		      "<endpoint entity=\"sip:bob@pc33\"><status>connected"
		      "</status><joining-method>dialed-in</joining-method>"
		      "<media id=\"1\"><type>message</type><status>sendrecv"
		      "</status></media></endpoint></user></users>" END);
}


/* RFC 4575 s5.1 */
static void test_full(void)
{
	CHECK_EQ(begin(), 0);
	CHECK_EQ(r.version, 1);
	CHECK(r.count_set);
	CHECK_EQ(r.user_count, 33);
	CHECK_EQ(r.userc, 1);
	CHECK_STR(roster_text(&r, r.subject), "S");
	CHECK_EQ(roster_find(&r, BOB), 0);
	CHECK_EQ(roster_find(&r, "sip:Bob@example.com"), -1);
	CHECK_STR(roster_text(&r, r.userv[0].name), "Bob");
	CHECK_STR(roster_text(&r, r.userv[0].roles), "participant chair");
	CHECK_EQ(r.endpointc, 1);
	CHECK_EQ(r.endpointv[0].joining, ROSTER_DIALED_IN);
	CHECK_EQ(roster_user_status(&r, 0), ROSTER_CONNECTED);
	CHECK_EQ(r.mediac, 1);
	CHECK_STR(roster_text(&r, r.mediav[0].type), "message");
	CHECK_EQ(r.mediav[0].status, ROSTER_SENDRECV);
}


/* RFC 4575 s4.3 */
static void test_versions(void)
{
	static const char partial[] = BEGIN "state=\"partial\" version=\"%u\">"
		"<users state=\"partial\"><user entity=\"sip:a@x\"/></users>"
		END;
	static const struct {
		unsigned version;
		enum roster_result result;
	} v[] = {
		{0, ROSTER_OLD}, {1, ROSTER_OLD}, {3, ROSTER_GAP},
		{UINT32_MAX, ROSTER_GAP}, {2, ROSTER_APPLIED},
		{2, ROSTER_OLD}, {3, ROSTER_APPLIED}
	};
	char doc[400];
	unsigned i;

	CHECK_EQ(begin(), 0);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(doc, sizeof(doc), partial, v[i].version);
		CHECK_EQ(update(doc), 0);
		CHECK_EQ(result, v[i].result);
		CHECK_EQ(r.userc, i < 4 ? 1 : 2);
	}

	/* the first one is full */
	roster_restart(&r);
	snprintf(doc, sizeof(doc), partial, 4u);
	CHECK_EQ(update(doc), 0);
	CHECK_EQ(result, ROSTER_GAP);
	CHECK_EQ(r.userc, 2);
}


/* RFC 4575 s4.4, s4.5 */
static void test_partial(void)
{
	CHECK_EQ(begin(), 0);
	CHECK_EQ(update(BEGIN "state=\"partial\" version=\"2\">"
			"<users state=\"partial\"><user entity=\"" BOB "\" "
			"state=\"partial\"><endpoint entity=\"sip:bob@pc33\" "
			"state=\"partial\"><status>on-hold</status>"
			"</endpoint></user></users>" END), 0);
	CHECK_EQ(roster_user_status(&r, 0), ROSTER_ON_HOLD);
	CHECK_EQ(r.endpointv[0].joining, ROSTER_DIALED_IN);
	CHECK_STR(roster_text(&r, r.userv[0].name), "Bob");
	CHECK_EQ(r.mediac, 1);

	/* without a state: the whole row anew */
	CHECK_EQ(update(BEGIN "state=\"partial\" version=\"3\">"
			"<users state=\"partial\"><user entity=\"" BOB "\">"
			"<endpoint entity=\"sip:bob@pc34\"/></user></users>"
			END), 0);
	CHECK_STR(roster_text(&r, r.userv[0].name), "");
	CHECK_EQ(r.endpointc, 1);
	CHECK_EQ(r.mediac, 0);
	CHECK_STR(roster_text(&r, r.endpointv[0].entity), "sip:bob@pc34");

	CHECK_EQ(update(BEGIN "state=\"partial\" version=\"4\">"
			"<users state=\"partial\"><user entity=\"" BOB "\" "
			"state=\"deleted\"/></users>" END), 0);
	CHECK_EQ(r.userc, 0);
	CHECK_EQ(r.endpointc, 0);
	CHECK_EQ(r.user_count, 33);
}


static void test_deleted(void)
{
	CHECK_EQ(begin(), 0);
	CHECK_EQ(update(BEGIN "state=\"deleted\" version=\"2\"/>"), 0);
	CHECK(r.deleted);
	CHECK_EQ(r.userc, 0);
}


static void test_malformed(void)
{
	static const char *const v[] = {
		"", "BEGIN", BEGIN "version=\"2\">",
		BEGIN "version=\"2\"><users><user entity=\"sip:a@x\">"
		"</users>" END,
		BEGIN ">" END,
		BEGIN "version=\"-1\">" END,
		BEGIN "version=\"4294967296\">" END,
		"<conference-info version=\"2\"/>",
		"<reginfo xmlns=\"urn:ietf:params:xml:ns:conference-info\" "
		"version=\"2\"/>",
		"<!DOCTYPE c>" BEGIN "version=\"2\">" END,
		/* draft-ranjit-sipping-conference-01, F11: elements that
		   nobody closes */
		"<conference-info version=\"0\" state=\"full\" entity=\""
		"sip-conf@domain.com\"><conf-uri>sip:sip-conf@domain.com"
		"<user uri=\"sip:ua1@domain.com\"></conference-info>",
	};
	struct roster before;
	unsigned i;

	CHECK_EQ(begin(), 0);
	before = r;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK_EQ(update(v[i]), EBADMSG);
		CHECK_MEM(&r, sizeof(r), &before, sizeof(before));
	}
}


static void test_old_format(void)
{
	/* TS 24.147 (early version), table 6.5.2.1-7 */
	clear();
	CHECK_EQ(update("<conference-info version=\"0\" state=\"full\" "
			"entity=\"conference1@mrfc1.home1.net\" xmlns=\"urn:"
			"ietf:params:xml:ns:conference-info\">"
			"<user uri=\"sip:user1_public1@home1.net\" "
			"display-name=\"John Doe\"><status>departed</status>"
			"<media-status><media-stream media-type=\"audio\"/>"
			"</media-status></user>"
			"<user uri=\"sip:user3_public1@home3.net\" "
			"display-name=\"Simon Moon\"><status>active</status>"
			"</user></conference-info>"), 0);
	CHECK_EQ(r.userc, 2);
	CHECK_STR(roster_text(&r, r.userv[0].name), "John Doe");
	CHECK_EQ(roster_user_status(&r, 0), ROSTER_DISCONNECTED);
	CHECK_EQ(r.endpointv[0].leaving, ROSTER_DEPARTED);
	CHECK_STR(roster_text(&r, r.mediav[0].type), "audio");
	CHECK_EQ(roster_user_status(&r, 1), ROSTER_CONNECTED);
}


static void test_users_full(void)
{
	char doc[300];
	unsigned i;

	/* one more than there is room for: told, and the rest is right */
	CHECK_EQ(begin(), 0);
	for (i = 1; i <= UE_ROSTER_USERS; i++) {
		snprintf(doc, sizeof(doc), BEGIN "state=\"partial\" "
			 "version=\"%u\"><users state=\"partial\"><user "
			 "entity=\"sip:%u@x\"/></users>" END, i + 1, i);
		CHECK(!r.truncated);
		CHECK_EQ(update(doc), 0);
	}
	CHECK(r.truncated);
	CHECK_EQ(r.userc, UE_ROSTER_USERS);
	CHECK_EQ(roster_find(&r, doc), -1);
	CHECK_EQ(roster_find(&r, BOB), 0);

	snprintf(doc, sizeof(doc), BEGIN "version=\"%u\"/>", i + 1);
	CHECK_EQ(update(doc), 0);
	CHECK(!r.truncated);
}


/** What stands in <users>, in a full document */
static int users(const char *text)
{
	static char doc[4000];

	clear();
	(void)snprintf(doc, sizeof(doc), BEGIN "version=\"1\"><users>%s"
		       "</users>" END, text);

	return update(doc);
}


/* RFC 4575 s5.7: each value of an endpoint, by its name */
static void test_names(void)
{
	char doc[600];
	const char *s;
	int i;

	for (i = 0; i < 12; i++) {
		const enum roster_status status = (enum roster_status)i;
		const enum roster_joining joining = (enum roster_joining)i;
		const enum roster_leaving leaving = (enum roster_leaving)i;
		const enum roster_media_status media =
			(enum roster_media_status)i;

		(void)snprintf(doc, sizeof(doc), "<user entity=\"" BOB "\">"
			       "<endpoint entity=\"e\"><status>%s</status>"
			       "<joining-method>%s</joining-method>"
			       "<disconnection-method>%s</disconnection-method>"
			       "<media id=\"1\"><status>%s</status></media>"
			       "</endpoint></user>", roster_status_name(status),
			       roster_joining_name(joining),
			       roster_leaving_name(leaving),
			       roster_media_status_name(media));
		CHECK_EQ(users(doc), 0);
		s = roster_status_name(status);
		CHECK_EQ(r.endpointv[0].status, *s ? i : 0);
		CHECK_EQ(roster_user_status(&r, 0), *s ? i : 0);
		s = roster_joining_name(joining);
		CHECK_EQ(r.endpointv[0].joining, *s ? i : 0);
		s = roster_leaving_name(leaving);
		CHECK_EQ(r.endpointv[0].leaving, *s ? i : 0);
		s = roster_media_status_name(media);
		CHECK_EQ(r.mediav[0].status, *s ? i : 0);
	}
	CHECK_STR(roster_status_name(ROSTER_DISCONNECTED), "disconnected");
	CHECK_STR(roster_joining_name(ROSTER_FOCUS_OWNER), "focus-owner");
	CHECK_STR(roster_leaving_name(ROSTER_BUSY), "busy");
	CHECK_STR(roster_media_status_name(ROSTER_INACTIVE), "inactive");
}


/* RFC 4575 s5.3, s5.5 */
static void test_conference_state(void)
{
	static const struct {
		const char *text;
		int count;      /* -1: not given                           */
	} countv[] = {
		{"<user-count>0</user-count>", 0},
		{"<user-count> 999999999 </user-count>", 999999999},
		{"<user-count>1000000000</user-count>", -1},
		{"<user-count/>", -1}, {"<user-count>-1</user-count>", -1},
		{"<user-count>1x</user-count>", -1}, {"<x/>", -1}
	};
	static const struct {
		const char *text;
		bool val;
	} boolv[] = {
		{"true", true}, {"1", true}, {"false", false}, {"0", false},
		{"TRUE", false}, {"", false}
	};
	char doc[600];
	unsigned i;

	for (i = 0; i < sizeof(countv) / sizeof(countv[0]); i++) {
		CHECK_EQ(begin(), 0);
		(void)snprintf(doc, sizeof(doc), BEGIN "state=\"partial\" "
			       "version=\"2\"><conference-state>%s"
			       "</conference-state>" END, countv[i].text);
		CHECK_EQ(update(doc), 0);
		CHECK_EQ(r.count_set, countv[i].count >= 0);
		CHECK_EQ(r.user_count, countv[i].count >= 0 ?
			 countv[i].count : 0);
		CHECK_EQ(r.userc, 1);
	}
	for (i = 0; i < sizeof(boolv) / sizeof(boolv[0]); i++) {
		clear();
		(void)snprintf(doc, sizeof(doc), BEGIN "version=\"1\">"
			       "<conference-state><active>%s</active><locked>"
			       "%s</locked></conference-state>" END,
			       boolv[i].text, boolv[i].val ? "0" : "1");
		CHECK_EQ(update(doc), 0);
		CHECK_EQ(r.active, boolv[i].val);
		CHECK_EQ(r.locked, !boolv[i].val);
	}

	CHECK_EQ(update(BEGIN "version=\"2\"><conference-description>"
			"<keywords>no</keywords><display-text>Name"
			"</display-text></conference-description><host-info/>"
			END), 0);
	CHECK_STR(roster_text(&r, r.name), "Name");
	CHECK_STR(roster_text(&r, r.subject), "");
}


/* RFC 4575 s4.6: what has no key belongs to nobody; what is not known is
   passed over with all that is in it */
static void test_left_out(void)
{
	CHECK_EQ(users("text<user/><other><user entity=\"no\"/></other>"
		       "<user entity=\"" BOB "\"><endpoint/><associated-aors>"
		       "<display-text>no</display-text></associated-aors>"
		       "<roles><other/><entry>a</entry></roles>"
		       "<endpoint entity=\"e\"><display-text>Phone"
		       "</display-text><media/><call-info><status>no</status>"
		       "</call-info><media id=\"1\"><label>no</label>"
		       "<type>audio</type></media></endpoint></user>"), 0);
	CHECK(!r.truncated);
	CHECK_EQ(r.userc, 1);
	CHECK_STR(roster_text(&r, r.userv[0].name), "");
	CHECK_STR(roster_text(&r, r.userv[0].roles), "a");
	CHECK_EQ(r.endpointc, 1);
	CHECK_STR(roster_text(&r, r.endpointv[0].name), "Phone");
	CHECK_EQ(r.endpointv[0].status, ROSTER_STATUS_NONE);
	CHECK_EQ(r.mediac, 1);
	CHECK_STR(roster_text(&r, r.mediav[0].type), "audio");

	/* the same in the older form */
	clear();
	CHECK_EQ(update(BEGIN "version=\"1\"><user/><user uri=\"sip:a@x\">"
			"<other/><media-status><other/><media-stream/>"
			"</media-status><status>booted</status></user>"
			"<other/>" END), 0);
	CHECK_EQ(r.userc, 1);
	CHECK_EQ(r.mediac, 0);
	CHECK_EQ(r.endpointv[0].leaving, ROSTER_BOOTED);
}


/* RFC 4575 s4.4: a state that is not known is full; deleted rows */
static void test_deleted_rows(void)
{
	CHECK_EQ(begin(), 0);
	CHECK_EQ(update(BEGIN "state=\"partial\" version=\"2\"><users "
			"state=\"partial\"><user entity=\"sip:no@x\" "
			"state=\"deleted\"/><user entity=\"" BOB "\" "
			"state=\"partial\"><endpoint entity=\"no\" "
			"state=\"deleted\"/><endpoint entity=\"sip:bob@pc33\""
			" state=\"deleted\"><status>x</status></endpoint>"
			"</user></users>" END), 0);
	CHECK_EQ(r.userc, 1);
	CHECK_EQ(r.endpointc, 0);
	CHECK_EQ(r.mediac, 0);
	CHECK_STR(roster_text(&r, r.userv[0].name), "Bob");
	CHECK_EQ(update(BEGIN "state=\"partial\" version=\"3\"><users "
			"state=\"partial\"><user entity=\"" BOB "\" "
			"state=\"new\"/></users>" END), 0);
	CHECK_STR(roster_text(&r, r.userv[0].name), "");
	CHECK_EQ(update(BEGIN "state=\"partial\" version=\"4\"><users "
			"state=\"deleted\"><user entity=\"no\"/></users>"
			END), 0);
	CHECK_EQ(r.userc, 0);
	CHECK_EQ(r.version, 4);
}


/* RFC 4575 s5.7.3: of several endpoints the most alive one speaks */
static void test_best_status(void)
{
	CHECK_EQ(users("<user entity=\"" BOB "\"><endpoint entity=\"a\">"
		       "<status>on-hold</status></endpoint><endpoint "
		       "entity=\"b\"><status>disconnected</status></endpoint>"
		       "</user><user entity=\"sip:a@x\"><endpoint "
		       "entity=\"a\"><status>connected</status></endpoint>"
		       "</user>"), 0);
	CHECK_EQ(roster_user_status(&r, 0), ROSTER_ON_HOLD);
	CHECK_EQ(roster_user_status(&r, 1), ROSTER_CONNECTED);
	CHECK_EQ(roster_user_status(&r, 2), ROSTER_STATUS_NONE);
}


static void test_size(void)
{
	/* one conference of 32 users and 48 endpoints: about 4 KB */
	CHECK(sizeof(struct roster) < 4200);
}


/* Texts find no room in the store: as many as can be, and it says so */
static void test_no_room(void)
{
	struct sip_stored m = {0, 0, 0};

	clear();
	CHECK_EQ(sip_store_alloc_most(&m, &store, 1, UE_SIP_STORE), 0);
	CHECK_EQ(update(BEGIN "state=\"full\" version=\"1\"><users><user "
			"entity=\"" BOB "\"/></users>" END), 0);
	CHECK_EQ(result, ROSTER_APPLIED);
	CHECK(r.truncated);
	CHECK_EQ(r.userc, 0);
	sip_store_free(&store, &m);

	CHECK_EQ(begin(), 0);
	CHECK(!r.truncated);
	CHECK_EQ(store.pages, 1);
	roster_clear(&r);
	CHECK_EQ(sip_store_used(&store), 0);
}


#define CHURN_USERS 6

/** What is known of user u after its last document: a name of any length */
static const char *churn_name(unsigned version)
{
	static char name[UE_URI_MAX];
	const size_t len = 1 + version * 37 % (UE_URI_MAX - 1);

	memset(name, (int)('a' + version % 26), len);
	name[len] = '\0';

	return name;
}


/* RFC 4575 s4.6: names come and go for ever, and what stays is as it was:
   strings that nobody uses any more make room */
static void test_churn(void)
{
	unsigned lastv[CHURN_USERS] = {0}, version, u;
	char doc[700], want[40];

	clear();
	for (version = 1; version <= 400; version++) {
		u = version % CHURN_USERS;
		lastv[u] = version;
		snprintf(doc, sizeof(doc), BEGIN "state=\"%s\" version=\"%u\">"
			 "<conference-description><subject>S</subject>"
			 "</conference-description><users state=\"partial\">"
			 "<user entity=\"sip:%u@x\" state=\"partial\">"
			 "<display-text>%s</display-text>"
			 "<endpoint entity=\"sip:%u@pc\"><display-text>E%u"
			 "</display-text><media id=\"%u\"><type>t%u</type>"
			 "</media></endpoint></user></users>" END,
			 version == 1 ? "full" : "partial", version, u,
			 churn_name(version), u, version, version, version);
		CHECK_EQ(update(doc), 0);
		CHECK(!r.truncated);
	}

	CHECK_EQ(r.userc, CHURN_USERS);
	CHECK_EQ(r.endpointc, CHURN_USERS);
	CHECK_EQ(r.mediac, CHURN_USERS);
	CHECK_STR(roster_text(&r, r.subject), "S");
	CHECK_STR(roster_text(&r, r.entity), "sip:c@example.com");
	for (u = 0; u < CHURN_USERS; u++) {

		unsigned i, j;

		snprintf(want, sizeof(want), "sip:%u@x", u);
		CHECK(roster_find(&r, want) >= 0);
		i = (unsigned)roster_find(&r, want);
		CHECK_STR(roster_text(&r, r.userv[i].name),
			  churn_name(lastv[u]));
		for (j = 0; r.endpointv[j].user != i; j++)
			CHECK(j < CHURN_USERS);
		snprintf(want, sizeof(want), "E%u", lastv[u]);
		CHECK_STR(roster_text(&r, r.endpointv[j].name), want);
		for (i = 0; r.mediav[i].endpoint != j; i++)
			CHECK(i < CHURN_USERS);
		snprintf(want, sizeof(want), "t%u", lastv[u]);
		CHECK_STR(roster_text(&r, r.mediav[i].type), want);
		snprintf(want, sizeof(want), "%u", lastv[u]);
		CHECK_STR(roster_text(&r, r.mediav[i].id), want);
	}
}


/* RFC 4575 s4.6: an endpoint goes, and the others keep their media */
static void test_endpoint_deleted(void)
{
	CHECK_EQ(begin(), 0);
	CHECK_EQ(update(BEGIN "state=\"partial\" version=\"2\"><users "
			"state=\"partial\"><user entity=\"" BOB "\" "
			"state=\"partial\"><endpoint entity=\"sip:bob@tab\">"
			"<media id=\"1\"><type>audio</type></media>"
			"<media id=\"2\"><type>video</type></media>"
			"<media id=\"1\"><type>text</type></media>"
			"</endpoint></user></users>" END), 0);
	CHECK_EQ(r.mediac, 3);
	CHECK_EQ(update(BEGIN "state=\"partial\" version=\"3\"><users "
			"state=\"partial\"><user entity=\"" BOB "\" "
			"state=\"partial\"><endpoint entity=\"sip:bob@pc33\" "
			"state=\"deleted\"/></user></users>" END), 0);
	CHECK_EQ(r.endpointc, 1);
	CHECK_STR(roster_text(&r, r.endpointv[0].entity), "sip:bob@tab");
	CHECK_EQ(r.mediac, 2);
	CHECK_EQ(r.mediav[0].endpoint, 0);
	CHECK_EQ(r.mediav[1].endpoint, 0);
	/* the same id in one document: the later one */
	CHECK_STR(roster_text(&r, r.mediav[0].type), "text");
	CHECK_STR(roster_text(&r, r.mediav[1].type), "video");
}


/* More endpoints and media than there is room for: told, the rest is right */
static void test_endpoints_full(void)
{
	char doc[400];
	unsigned i;

	CHECK_EQ(begin(), 0);
	for (i = 1; i <= UE_ROSTER_ENDPOINTS; i++) {
		CHECK(!r.truncated);
		snprintf(doc, sizeof(doc), BEGIN "state=\"partial\" "
			 "version=\"%u\"><users state=\"partial\"><user "
			 "entity=\"" BOB "\" state=\"partial\"><endpoint "
			 "entity=\"%u\"><media id=\"1\"/></endpoint></user>"
			 "</users>" END, i + 1, i);
		CHECK_EQ(update(doc), 0);
	}
	CHECK(r.truncated);
	CHECK_EQ(r.endpointc, UE_ROSTER_ENDPOINTS);
	CHECK_EQ(r.mediac, UE_ROSTER_ENDPOINTS);

	CHECK_EQ(begin(), 0);
	for (i = 1; i <= UE_ROSTER_MEDIA; i++) {
		CHECK(!r.truncated);
		snprintf(doc, sizeof(doc), BEGIN "state=\"partial\" "
			 "version=\"%u\"><users state=\"partial\"><user "
			 "entity=\"" BOB "\" state=\"partial\"><endpoint "
			 "entity=\"%u\"><media id=\"1\"/><media id=\"2\"/>"
			 "<media id=\"3\"/></endpoint></user></users>" END,
			 i + 1, i);
		CHECK_EQ(update(doc), 0);
		if (r.truncated)
			break;
	}
	CHECK(r.truncated);
	CHECK_EQ(r.mediac, UE_ROSTER_MEDIA);
	CHECK_EQ(roster_user_status(&r, 0), ROSTER_CONNECTED);
}


/* As many as the tables have, with URIs of the usual length: 32 users, 48
   endpoints.  Into big */
static char big[XML_LEN_MAX];


static void write_full(void)
{
	size_t n;
	unsigned i, j;

	n = (size_t)snprintf(big, sizeof(big), "%s", BEGIN "state=\"full\" "
			     "version=\"1\"><users>");
	for (i = 0; i < UE_ROSTER_USERS; i++) {
		n += (size_t)snprintf(big + n, sizeof(big) - n, "<user "
				      "entity=\"sip:user%u@example.com\">"
				      "<display-text>User %u</display-text>",
				      i, i);
		for (j = 0; j < 1 + i % 2; j++)
			n += (size_t)snprintf(big + n, sizeof(big) - n,
				"<endpoint entity=\"sip:user%u@192.0.2.%u:"
				"506%u\"><status>connected</status>"
				"</endpoint>", i, 100 + i, j);
		n += (size_t)snprintf(big + n, sizeof(big) - n, "</user>");
	}
	(void)snprintf(big + n, sizeof(big) - n, "</users>" END);
}


/* Texts that are longer than anything that is kept: left out, and told */
static void test_long_texts(void)
{
	static const struct {
		const char *before, *after;
	} v[] = {
		{"<user entity=\"", "\"/>"},
		{"<user entity=\"" BOB "\"><display-text>",
			"</display-text></user>"},
		{"<user entity=\"" BOB "\"><roles><entry>a</entry><entry>",
			"</entry><entry>b</entry></roles></user>"},
		{"<user entity=\"" BOB "\"><endpoint entity=\"",
			"\"/></user>"},
		{"<user entity=\"" BOB "\"><endpoint entity=\"e\"><media "
			"id=\"", "\"/></endpoint></user>"},
		{"<user entity=\"" BOB "\"><endpoint entity=\"e\"><status>",
			"</status></endpoint></user>"}
	};
	char doc[UE_URI_MAX + 200];
	unsigned i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		(void)snprintf(doc, sizeof(doc), "%s%0*u%s", v[i].before,
			       UE_URI_MAX, 1, v[i].after);
		CHECK_EQ(users(doc), 0);
		CHECK(r.truncated);
		CHECK_EQ(r.userc, i > 0);
		CHECK_STR(roster_text(&r, r.userv[0].name), "");
		CHECK_STR(roster_text(&r, r.userv[0].roles), i == 2 ? "a b"
			  : "");
		CHECK_EQ(r.endpointc, i > 3);
		CHECK_EQ(r.mediac, 0);
	}

	CHECK_EQ(users("<user entity=\"" BOB "\"><roles><entry>0123456789"
		       "0123456789012345678901234567890123456789</entry>"
		       "<entry>01234567890123456789</entry><entry>b</entry>"
		       "</roles></user>"), 0);
	CHECK(r.truncated);
	CHECK_STR(roster_text(&r, r.userv[0].roles),
		  "01234567890123456789012345678901234567890123456789 b");
}


/* The pages for texts are full: rows are there as far as their keys are */
static void test_text_full(void)
{
	size_t n;
	unsigned i, names = 0, roles = 0;

	clear();
	n = (size_t)snprintf(big, sizeof(big), "%s", BEGIN "version=\"1\">"
			     "<users>");
	for (i = 0; i < 20; i++)
		n += (size_t)snprintf(big + n, sizeof(big) - n, "<user "
				      "entity=\"u%u\"><display-text>%0*u"
				      "</display-text><roles><entry>%0*u"
				      "</entry></roles></user>", i, 150, i, 60,
				      i);
	(void)snprintf(big + n, sizeof(big) - n, "</users>" END);
	CHECK_EQ(update(big), 0);
	CHECK(r.truncated);
	CHECK(r.userc > 10);
	for (i = 0; i < r.userc; i++) {
		names += *roster_text(&r, r.userv[i].name) != '\0';
		roles += *roster_text(&r, r.userv[i].roles) != '\0';
	}
	CHECK(names > 10);
	CHECK(names < r.userc);
	CHECK(roles < r.userc);
}


/* The keys of rows find no room: the rows are left out */
static void test_rows_full(void)
{
	struct sip_stored m = {0, 0, 0};
	unsigned i;

	clear();
	CHECK_EQ(begin(), 0);
	CHECK_EQ(sip_store_alloc_most(&m, &store, 1, UE_SIP_STORE), 0);
	/* what there is has one page, which is not full */
	for (i = 0; i < 9; i++) {
		(void)snprintf(big, sizeof(big), BEGIN "state=\"partial\" "
			       "version=\"%u\"><users state=\"partial\"><user "
			       "entity=\"" BOB "\" state=\"partial\"><endpoint "
			       "entity=\"%0*u\"><media id=\"%0*u\"/></endpoint>"
			       "</user></users><user uri=\"sip:%0*u@x\" "
			       "display-name=\"old\"><media-status><media-stream "
			       "media-type=\"%0*u\"/></media-status></user>"
			       END, 2 + i, 40 + i, i, 30 + i, i, 20 + i, i,
			       35 + i, i);
		CHECK_EQ(update(big), 0);
		CHECK_EQ(result, ROSTER_APPLIED);
	}
	CHECK(r.truncated);
	CHECK(r.endpointc > 1);
	CHECK(r.endpointc < 19);
	CHECK(r.mediac < 19);
	sip_store_free(&store, &m);
	roster_clear(&r);
	CHECK_EQ(sip_store_used(&store), 0);
}


/* What is promised together: two conferences with all their users, and the
   dialogs of six sessions and three subscriptions */
static void test_two_full(void)
{
	static struct roster other;
	struct sip_stored dlgv[9];
	char text[320];
	unsigned i;

	clear();
	roster_init(&other, &store);
	memset(dlgv, 0, sizeof(dlgv));
	memset(text, 'd', sizeof(text));
	for (i = 0; i < 9; i++)
		CHECK_EQ(sip_store_put(&dlgv[i], &store, text, sizeof(text)),
			 0);

	write_full();
	CHECK_EQ(update(big), 0);
	CHECK_EQ(roster_update(&other, &result, &work, big, strlen(big)), 0);
	CHECK(!r.truncated && !other.truncated);
	CHECK_EQ(r.userc, UE_ROSTER_USERS);
	CHECK_EQ(other.userc, UE_ROSTER_USERS);
	CHECK_EQ(other.endpointc, UE_ROSTER_ENDPOINTS);
	CHECK_STR(roster_text(&other, other.userv[31].name), "User 31");

	/* and a message of 1500 octets can still be kept */
	CHECK_EQ(sip_store_alloc(&dlgv[0], &store, 1500, 0), 0);
	roster_clear(&r);
	roster_clear(&other);
}


const struct test_case suite_roster[] = {
	{"RFC 4575 s4.6: full state", test_full},
	{"RFC 4575 s4.6: versions: old, the next one, a gap", test_versions},
	{"RFC 4575 s4.6: partial state, row by row", test_partial},
	{"RFC 4575 s4.6: deleted", test_deleted},
	{"RFC 4575 s4.6: rows that are deleted", test_deleted_rows},
	{"RFC 4575 s4.6: what has no key, what is not known", test_left_out},
	{"RFC 4575 s5.5: conference-state, conference-description",
	 test_conference_state},
	{"RFC 4575 s5.7: values of endpoints and media", test_names},
	{"RFC 4575 s5.7: the status of a user with several endpoints",
	 test_best_status},
	{"texts that are too long are left out", test_long_texts},
	{"more texts than there is room for", test_text_full},
	{"rows whose keys find no room", test_rows_full},
	{"A malformed document changes nothing", test_malformed},
	{"The form before RFC 4575 is read as well", test_old_format},
	{"More users than there is room for", test_users_full},
	{"RFC 4575 s4.6: an endpoint is deleted, media of others stay",
	 test_endpoint_deleted},
	{"More endpoints and media than there is room for",
	 test_endpoints_full},
	{"RFC 4575 s4.6: texts that come and go for ever", test_churn},
	{"A roster takes 4 KB", test_size},
	{"two conferences of 32 users and 48 endpoints, nine dialogs",
	 test_two_full},
	{"no room for the texts: truncated, and all again with the next",
	 test_no_room},
	{NULL, NULL}
};
