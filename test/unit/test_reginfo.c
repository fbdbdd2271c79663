/**
 * @file test_reginfo.c  Registration information documents
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/reginfo.h"
#include "test/unit/test.h"
#include "ue/ims/reginfo.h"

#define UUID "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
#define HEAD "<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' "

struct seen {
	char aor[64];
	enum ims_reginfo_state state;
	unsigned contacts;
	struct ims_reginfo_contact own;
	char pub_gruu[UE_URI_MAX];
	char temp_gruu[UE_URI_MAX];
};

static struct {
	struct ims_reginfo info;
	struct ims_reginfo_work work;
	struct ims_reginfo_own own;
	char contact[64];
	unsigned count;
	struct seen v[8];
} t;


static void own(const char *contact, const char *instance,
		const char *pub_gruu)
{
	struct pl pl;

	memset(&t, 0, sizeof(t));
	strcpy(t.contact, contact);
	pl_set_str(&pl, t.contact);
	(void)sip_uri_decode(&t.own.contact, &pl);
	t.own.instance = instance;
	t.own.pub_gruu = pub_gruu;
}


static void reg_h(const struct ims_reginfo_reg *reg, void *arg)
{
	struct seen *s = &t.v[t.count++ % 8];

	(void)arg;

	s->state = reg->state;
	s->contacts = reg->contacts;
	s->own = reg->own;
	(void)xml_decode(s->aor, sizeof(s->aor), &reg->aor);
	(void)xml_decode(s->pub_gruu, UE_URI_MAX, &reg->own.pub_gruu);
	(void)xml_decode(s->temp_gruu, UE_URI_MAX, &reg->own.temp_gruu);
}


static int decode_n(const char *doc, size_t len)
{
	t.count = 0;

	return ims_reginfo_decode(&t.info, &t.work, doc, len, &t.own, reg_h,
				  NULL);
}


static int decode(const char *doc)
{
	return decode_n(doc, strlen(doc));
}


/* ------------------------------------------------------------------ */


static void test_rfc3680(void)
{
	own("sip:user@pc887.example.com", "", "");
	CHECK_EQ(decode(reginfo_rfc3680_example1), 0);
	CHECK(t.info.full);
	CHECK_EQ(t.info.version, 0);
	CHECK_EQ(t.info.registrations, 1);
	CHECK_EQ(t.count, 1);
	CHECK_STR(t.v[0].aor, "sip:user@example.com");
	CHECK_EQ(t.v[0].state, IMS_REGINFO_ACTIVE);
	CHECK_EQ(t.v[0].contacts, 2);
	CHECK(t.v[0].own.found);
	CHECK(t.v[0].own.active);
	CHECK_EQ(t.v[0].own.event, IMS_REGINFO_REGISTERED);
	CHECK_EQ(t.v[0].own.expires_s, UINT32_MAX);

	/* the other contact of the same document */
	own("sip:user@university.edu", "", "");
	CHECK_EQ(decode(reginfo_rfc3680_example1), 0);
	CHECK(t.v[0].own.found);
	CHECK(!t.v[0].own.active);
	CHECK_EQ(t.v[0].own.event, IMS_REGINFO_EXPIRED);

	own("sip:stranger@example.com", "", "");
	CHECK_EQ(decode(reginfo_rfc3680_example1), 0);
	CHECK(!t.v[0].own.found);
	CHECK_EQ(t.v[0].contacts, 2);

	own("sip:joe@pc34.example.com", "", "");
	CHECK_EQ(decode(reginfo_rfc3680_example2), 0);
	CHECK_EQ(t.v[0].state, IMS_REGINFO_INIT);
	CHECK_EQ(t.v[0].contacts, 0);

	CHECK_EQ(decode(reginfo_rfc3680_example3), 0);
	CHECK(!t.info.full);
	CHECK_EQ(t.info.version, 1);
	CHECK(t.v[0].own.found);
}


static void test_rfc5628(void)
{
	own("sip:user@192.0.2.1", "", "");
	CHECK_EQ(decode(reginfo_rfc5628_example1), 0);
	CHECK(t.v[0].own.found);
	CHECK_EQ(t.v[0].own.expires_s, 3599);
	CHECK_STR(t.v[0].pub_gruu, "sip:user@example.com;gr=hha9s8d-999a");
	CHECK_STR(t.v[0].temp_gruu,
		  "sip:8ffkas08af7fasklzi9@example.com;gr");

	/* three identities registered together; white space around URIs */
	own("sip:ua.example.com", "", "");
	CHECK_EQ(decode(reginfo_rfc5628_example2), 0);
	CHECK_EQ(t.info.version, 1);
	CHECK_EQ(t.count, 3);
	CHECK_STR(t.v[1].aor, "sip:user_aor_2@example.net");
	CHECK_STR(t.v[2].aor, "sip:+358504821437@example.net;user=phone");
	CHECK_EQ(t.v[0].own.event, IMS_REGINFO_REGISTERED);
	CHECK_EQ(t.v[1].own.event, IMS_REGINFO_CREATED);
	CHECK_STR(t.v[1].pub_gruu,
		  "sip:user_aor_2@example.net;gr=hha9s8d-999b");
	CHECK_STR(t.v[2].temp_gruu,
		  "sip:h99egjbv17fe8ibvlka@example.net;gr");
}


static void test_own(void)
{
	/* the URI was changed on the way: instance or public GRUU say who
	   it is */
	own("sip:10.0.0.1:5060", UUID, "");
	CHECK_EQ(decode(reginfo_rfc5628_example1), 0);
	CHECK(t.v[0].own.found);

	own("sip:10.0.0.1:5060",
	    "URN:UUID:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "");
	CHECK_EQ(decode(reginfo_rfc5628_example1), 0);
	CHECK(t.v[0].own.found);

	own("sip:10.0.0.1:5060", "urn:uuid:0", "");
	CHECK_EQ(decode(reginfo_rfc5628_example1), 0);
	CHECK(!t.v[0].own.found);
	CHECK_EQ(t.v[0].own.pub_gruu.l, 0);

	own("sip:10.0.0.1:5060", "", "sip:user@example.com;gr=hha9s8d-999a");
	CHECK_EQ(decode(reginfo_rfc5628_example1), 0);
	CHECK(t.v[0].own.found);

	own("sip:10.0.0.1:5060", "", "sip:user@example.com;gr=other");
	CHECK_EQ(decode(reginfo_rfc5628_example1), 0);
	CHECK(!t.v[0].own.found);

	/* RFC 3261 s19.1.4: equal, not the same text */
	own("sip:USER@192.0.2.1", "", "");
	CHECK_EQ(decode(reginfo_rfc5628_example1), 0);
	CHECK(!t.v[0].own.found);
	own("sip:%75ser@192.0.2.1;foo=1", "", "");
	CHECK_EQ(decode(reginfo_rfc5628_example1), 0);
	CHECK(t.v[0].own.found);
}


/** Is a contact with these elements that of the instance UUID? */
static bool instance(const char *elements)
{
	char doc[1024];

	(void)snprintf(doc, sizeof(doc), HEAD "xmlns:gr='urn:ietf:params:xml:"
		       "ns:gruuinfo' version='0' state='full'><registration "
		       "aor='sip:a@b' id='1' state='active'><contact id='1' "
		       "state='active' event='created'><uri>sip:x@y</uri>%s"
		       "</contact></registration></reginfo>", elements);
	own("sip:10.0.0.1:5060", UUID, "");

	return !decode(doc) && t.v[0].own.found;
}


/* RFC 5628 s5: as in the Contact; a parameter that is not understood, or a
   GRUU that is none, is passed over */
static void test_instance(void)
{
	static const char *const goodv[] = {
		"\"&lt;" UUID "&gt;\"", "&lt;" UUID "&gt;", "\"" UUID "\"",
		UUID
	};
	static const char *const badv[] = {
		"", "\"", "&lt;", "\"\"", "\"" UUID, UUID "\"", "&lt;" UUID,
		UUID "&gt;", "\"&lt;" UUID "\"", UUID "0"
	};
	char text[256];
	unsigned i;

	for (i = 0; i < sizeof(goodv) / sizeof(goodv[0]); i++) {
		(void)snprintf(text, sizeof(text), "<unknown-param "
			       "name='+sip.instance'>%s</unknown-param>",
			       goodv[i]);
		CHECK(instance(text));
	}
	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		(void)snprintf(text, sizeof(text), "<unknown-param "
			       "name='+sip.instance'>%s</unknown-param>",
			       badv[i]);
		CHECK(!instance(text));
	}
	CHECK(!instance("<unknown-param name='q'>" UUID "</unknown-param>"));
	CHECK(instance("<gr:pub-gruu/><gr:pub-gruu uri='no uri'/>"
		       "<unknown-param name='+sip.instance'>" UUID
		       "</unknown-param>"));
	CHECK_EQ(t.v[0].own.pub_gruu.l, 0);
	/* deeper than anything that is read */
	CHECK(!instance("<unknown-param name='+sip.instance'><a><a><a><a><a>"
			"<a><a><a><a><a><a><a><a></a></a></a></a></a></a></a>"
			"</a></a></a></a></a></a></unknown-param>"));
	CHECK_EQ(t.count, 0);
}


static void test_order(void)
{
	/* the own contact is the second one; elements in any order */
	own("sip:me@192.0.2.1", "", "");
	CHECK_EQ(decode(HEAD "version='3' state='partial'>"
			"<registration state='active' id='1' aor='sip:a@b'>"
			"<contact event='shortened' state='active' id='1'>"
			"<uri>sip:other@192.0.2.9</uri></contact>"
			"<contact event='shortened' state='active' id='2' "
			"expires='30'><display-name>x</display-name>"
			"<uri>sip:me@192.0.2.1</uri></contact>"
			"<contact event='rejected' state='terminated' id='3'>"
			"<uri>sip:me@192.0.2.1</uri></contact>"
			"</registration></reginfo>"), 0);
	CHECK_EQ(t.info.version, 3);
	CHECK_EQ(t.v[0].contacts, 3);
	CHECK(t.v[0].own.found);
	CHECK(t.v[0].own.active);
	CHECK_EQ(t.v[0].own.event, IMS_REGINFO_SHORTENED);
	CHECK_EQ(t.v[0].own.expires_s, 30);
}


/* A binding of an earlier life, with the same instance, goes: ours is there */
static void test_earlier(void)
{
	static const char old[] = "<contact event='%s' state='%s' id='1'><uri>"
		"sip:me@192.0.2.77</uri><unknown-param name='+sip.instance'>"
		UUID "</unknown-param></contact>";
	static const char ours[] = "<contact event='%s' state='%s' id='2'>"
		"<uri>sip:me@192.0.2.1</uri></contact>";
	static const struct {
		const char *first, *event, *state;
		const char *second, *event2, *state2;
		bool active;
	} v[] = {
		{old, "expired", "terminated",
		 ours, "registered", "active", true},
		{ours, "registered", "active",
		 old, "expired", "terminated", true},
		{old, "registered", "active",
		 ours, "rejected", "terminated", false},
		/* the URI was changed on the way */
		{old, "expired", "terminated",
		 old, "registered", "active", true}
	};
	char doc[1024];
	unsigned i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		int n = snprintf(doc, sizeof(doc), HEAD "version='0' state="
				 "'full'><registration state='active' id='1' "
				 "aor='sip:a@b'>");

		n += snprintf(doc + n, sizeof(doc) - (size_t)n, v[i].first,
			      v[i].event, v[i].state);
		n += snprintf(doc + n, sizeof(doc) - (size_t)n, v[i].second,
			      v[i].event2, v[i].state2);
		(void)snprintf(doc + n, sizeof(doc) - (size_t)n,
			       "</registration></reginfo>");
		own("sip:me@192.0.2.1", UUID, "");
		CHECK_EQ(decode(doc), 0);
		CHECK(t.v[0].own.found);
		CHECK_EQ(t.v[0].own.active, v[i].active);
	}
}


static void test_events(void)
{
	static const char *const namev[] = {
		"registered", "created", "refreshed", "shortened", "expired",
		"deactivated", "probation", "unregistered", "rejected",
		"something-new"
	};
	char doc[512];
	unsigned i;

	own("sip:me@192.0.2.1", "", "");
	for (i = 0; i < sizeof(namev) / sizeof(namev[0]); i++) {

		const enum ims_reginfo_event want = i == 9 ?
			IMS_REGINFO_UNKNOWN : (enum ims_reginfo_event)(i + 1);

		strcpy(doc, HEAD "version='0' state='full'><registration "
		       "aor='sip:a@b' id='1' state='terminated'><contact "
		       "id='1' state='terminated' retry-after='60' event='");
		strcat(doc, namev[i]);
		strcat(doc, "'><uri>sip:me@192.0.2.1</uri></contact>"
		       "</registration></reginfo>");
		CHECK_EQ(decode(doc), 0);
		CHECK(t.v[0].own.found);
		CHECK(!t.v[0].own.active);
		CHECK_EQ(t.v[0].own.event, want);
		CHECK_EQ(t.v[0].own.retry_after_s, 60);
		CHECK_STR(ims_reginfo_event_name(want),
			  i == 9 ? "unknown" : namev[i]);
	}
	CHECK_STR(ims_reginfo_event_name((enum ims_reginfo_event)99),
		  "unknown");
}


static void test_no_contacts(void)
{
	/* as a real S-CSCF says it: all is over, no contact is named */
	own("sip:me@192.0.2.1", "", "");
	CHECK_EQ(decode(HEAD "version='2' state='full'>"
			"<registration aor='sip:a@b' id='1' "
			"state='terminated'></registration>"
			"<registration aor='tel:+1555' id='2' "
			"state='terminated'/></reginfo>"), 0);
	CHECK_EQ(t.count, 2);
	CHECK_EQ(t.v[0].state, IMS_REGINFO_TERMINATED);
	CHECK_EQ(t.v[0].contacts, 0);
	CHECK(!t.v[1].own.found);
	CHECK_STR(t.v[1].aor, "tel:+1555");
}


static void test_unknown(void)
{
	/* RFC 3680 5.1: elements and attributes of other namespaces */
	own("sip:me@192.0.2.1", "", "");
	CHECK_EQ(decode("<r:reginfo xmlns:r='urn:ietf:params:xml:ns:reginfo' "
			"xmlns:o='urn:o' o:version='9' version='1' "
			"state='full'><o:registration aor='sip:x@y'/>"
			"<r:registration aor='sip:a@b' id='1' state='active' "
			"o:state='terminated'><o:contact><r:uri>"
			"sip:me@192.0.2.1</r:uri></o:contact><r:contact "
			"id='1' state='active' event='registered' o:x='1'>"
			"<o:uri>sip:me@192.0.2.1</o:uri></r:contact>"
			"</r:registration></r:reginfo>"), 0);
	CHECK_EQ(t.info.version, 1);
	CHECK_EQ(t.count, 1);
	CHECK_EQ(t.v[0].state, IMS_REGINFO_ACTIVE);
	CHECK_EQ(t.v[0].contacts, 1);
	CHECK(!t.v[0].own.found);

	/* the same names without their namespace are nothing */
	CHECK_EQ(decode("<reginfo version='1' state='full'/>"), EBADMSG);
}


static void test_mandatory(void)
{
	static const char *const badv[] = {
		"<html/>",
		HEAD "state='full'/>",
		HEAD "version='1'/>",
		HEAD "version='x' state='full'/>",
		HEAD "version='4294967296' state='full'/>",
		HEAD "version='1' state='some'/>",
		HEAD "version='1' state='full'><registration id='1' "
			"state='active'/></reginfo>",
		HEAD "version='1' state='full'><registration aor='sip:a@b'/>"
			"</reginfo>",
		HEAD "version='1' state='full'><registration aor='sip:a@b' "
			"state='on'/></reginfo>",
		HEAD "version='1' state='full'><registration aor='sip:a@b' "
			"state='active'><contact event='created'/>"
			"</registration></reginfo>",
		HEAD "version='1' state='full'><registration aor='sip:a@b' "
			"state='active'><contact state='active'/>"
			"</registration></reginfo>",
		HEAD "version='1' state='full'><registration aor='sip:a@b' "
			"state='active'>",
	};
	unsigned i;

	own("sip:me@192.0.2.1", "", "");
	t.info.version = 77;
	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		CHECK_EQ(decode(badv[i]), EBADMSG);
		/* nothing is reported from a document that is refused */
		CHECK_EQ(t.count, 0);
		CHECK_EQ(t.info.version, 77);
	}
}


static void test_late_error(void)
{
	/* the error is behind a good registration */
	own("sip:me@192.0.2.1", "", "");
	CHECK_EQ(decode(HEAD "version='1' state='full'><registration "
			"aor='sip:a@b' id='1' state='terminated'/></reginf>"),
		 EBADMSG);
	CHECK_EQ(t.count, 0);
}


static void test_long(void)
{
	char doc[2 * UE_URI_MAX + 400];
	size_t n;

	/* a URI that we could not have is none of ours, and costs nothing */
	strcpy(doc, HEAD "version='1' state='full'><registration "
	       "aor='sip:a@b' id='1' state='active'><contact id='1' "
	       "state='active' event='created'><uri>sip:");
	n = strlen(doc);
	memset(doc + n, 'x', UE_URI_MAX);
	strcpy(doc + n + UE_URI_MAX, "</uri></contact><contact id='2' "
	       "state='active' event='created'><uri>sip:me@192.0.2.1</uri>"
	       "</contact></registration></reginfo>");
	own("sip:me@192.0.2.1", "", "");
	CHECK_EQ(decode(doc), 0);
	CHECK(t.v[0].own.found);
	CHECK_EQ(t.v[0].contacts, 2);
}


static void test_truncated(void)
{
	const size_t len = strlen(reginfo_rfc5628_example1);
	const char *end = strstr(reginfo_rfc5628_example1, "</reginfo>");
	const size_t complete = (size_t)(end - reginfo_rfc5628_example1) + 10;
	size_t n;

	own("sip:user@192.0.2.1", UUID, "");
	for (n = 0; n < len; n++) {
		CHECK_EQ(decode_n(reginfo_rfc5628_example1, n),
			 n < complete ? EBADMSG : 0);
		CHECK_EQ(t.count, n < complete ? 0 : 1);
	}
}


const struct test_case suite_reginfo[] = {
	{"RFC 3680: example documents", test_rfc3680},
	{"RFC 5628: example documents, GRUUs", test_rfc5628},
	{"TS 24.229 5.1.1.5A: the own contact by URI, instance, GRUU",
	 test_own},
	{"RFC 5628 s5: the instance of a contact", test_instance},
	{"RFC 3680 s5.3: the own contact among others", test_order},
	{"TS 24.229 5.1.1.7: a binding of an earlier life ends",
	 test_earlier},
	{"RFC 3680 s5.2: events of a contact", test_events},
	{"TS 24.229 5.1.1.7: terminated without contact elements",
	 test_no_contacts},
	{"RFC 3680 s5.1: other namespaces are ignored", test_unknown},
	{"RFC 3680 s5: what is mandatory", test_mandatory},
	{"A document with an error at its end says nothing",
	 test_late_error},
	{"A URI that is too long is not ours", test_long},
	{"A document that ends anywhere says nothing", test_truncated},
	{NULL, NULL}
};
