/**
 * @file test_msrp_content.c  CPIM (RFC 3862), IMDN (RFC 5438), is-composing
 *                            (RFC 3994)
 */
#include <errno.h>
#include <string.h>
#include "msrp/cpim.h"
#include "msrp/imdn.h"
#include "test/unit/test.h"


static struct pl pl(const char *s)
{
	const struct pl p = {s, strlen(s)};

	return p;
}


static int decode(struct msrp_cpim *c, const char *s)
{
	static char exact[2048];
	const size_t n = strlen(s);
	char *p = exact + sizeof(exact) - n;

	memcpy(p, s, n);

	return msrp_cpim_decode(c, p, n);
}


/* RFC 3862 s5.1, with IMDN of RFC 5438 s7.1.1.4 under another prefix */
#define HEAD "From: MR SANDERS <im:piglet@100akerwood.com>\r\n"		\
	"To: Depressed Donkey <im:eeyore@100akerwood.com>\r\n"		\
	"DateTime: 2000-12-13T13:40:00-08:00\r\n"			\
	"Subject: the weather will be fine today\r\n"			\
	"Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n"	\
	"NS: MyFeatures <mid:MessageFeatures@id.foo.com>\r\n"		\
	"NS: x <urn:ietf:params:imdn>\r\n"				\
	"x.Message-ID: 34jk324j\r\n"					\
	"x.Disposition-Notification: positive-delivery, display\r\n"	\
	"MyFeatures.VitalMessageOption: Confirmation-requested\r\n"

/* RFC 3862 s2.1, s2.2, s2.4 */
static void cpim_read(void)
{
	struct msrp_cpim c;
	struct pl uri;

	CHECK_EQ(decode(&c, HEAD "\r\nContent-type: text/xml; charset=utf-8"
			"\r\nContent-ID: <1234567890@foo.com>\r\n\r\n"
			"<body>\r\n\r\nHere</body>"), 0);
	CHECK_EQ(msrp_cpim_uri(&uri, &c.from), 0);
	CHECK_EQ(pl_strcmp(&uri, "im:piglet@100akerwood.com"), 0);
	CHECK_EQ(msrp_cpim_uri(&uri, &c.to), 0);
	CHECK_EQ(pl_strcmp(&uri, "im:eeyore@100akerwood.com"), 0);
	CHECK_EQ(pl_strcmp(&c.datetime, "2000-12-13T13:40:00-08:00"), 0);
	CHECK_EQ(pl_strcmp(&c.subject, "the weather will be fine today"), 0);
	CHECK_EQ(pl_strcmp(&c.imdn_id, "34jk324j"), 0);
	CHECK_EQ(pl_strcmp(&c.imdn_want, "positive-delivery, display"), 0);
	CHECK_EQ(pl_strcmp(&c.type, "text/xml; charset=utf-8"), 0);
	CHECK_EQ(pl_strcmp(&c.content, "<body>\r\n\r\nHere</body>"), 0);
	CHECK(!c.disposition.p);
}


/* RFC 3862 s3.4, s3.5 */
static void cpim_bad(void)
{
	static const char whole[] = HEAD "\r\nContent-Type: a/b\r\n\r\n";
	char s[sizeof(whole)];
	struct msrp_cpim c;
	size_t n;

	CHECK_EQ(decode(&c, whole), 0);
	CHECK_EQ(c.content.l, 0);
	for (n = 0; n < sizeof(whole) - 1; n++) {
		memcpy(s, whole, n);
		s[n] = '\0';
		CHECK_EQ(decode(&c, s), EBADMSG);
	}
	CHECK_EQ(decode(&c, "From: <a>\n\r\n\r\n\r\n"), EBADMSG);
	CHECK_EQ(decode(&c, "no colon\r\n\r\n\r\nx"), EBADMSG);
	CHECK_EQ(decode(&c, ": no name\r\n\r\n\r\nx"), EBADMSG);
	CHECK_EQ(decode(&c, "Require: Vital\r\n\r\n\r\nx"), ENOTSUP);
	/* names are case-sensitive; the prefix must be declared */
	CHECK_EQ(decode(&c, "from: <im:a>\r\nimdn.Message-ID: x\r\n\r\n\r\n"),
		 0);
	CHECK(!c.from.p && !c.imdn_id.p);
	/* a name space without prefix */
	CHECK_EQ(decode(&c, "NS: <urn:ietf:params:imdn>\r\nMessage-ID: x\r\n"
			"\r\n\r\n"), 0);
	CHECK_EQ(pl_strcmp(&c.imdn_id, "x"), 0);
}


/* RFC 3862 s3.4, RFC 5438 s6: a prefix is a whole word before the dot */
static void cpim_prefixes(void)
{
	struct msrp_cpim c;

	CHECK_EQ(decode(&c, "NS: <a>\r\n"
			"NS: imdn <urn:ietf:params:imdn>\r\n"
			"From: <im:a>\r\n"
			"To: <im:b>\r\n"
			"imdnX.Message-ID: other prefix\r\n"
			"imdn1Message-ID: no dot\r\n"
			"Message-ID: no prefix\r\n"
			"imdn.Subject: not of that name space\r\n"
			"imdn.Message-ID: yes\r\n\r\n"
			"Subject: of the content\r\n"
			"Content-Disposition: notification\r\n"
			"Content-Type: a/b\r\n\r\n"), 0);
	CHECK_EQ(pl_strcmp(&c.from, "<im:a>"), 0);
	CHECK_EQ(pl_strcmp(&c.to, "<im:b>"), 0);
	CHECK_EQ(pl_strcmp(&c.imdn_id, "yes"), 0);
	CHECK(!c.subject.p);
	CHECK_EQ(pl_strcmp(&c.disposition, "notification"), 0);

	/* RFC 3862 s2.4: fields of MIME may have several lines */
	CHECK_EQ(decode(&c, "From: <im:a>\r\n\r\nContent-Type: a/b;\r\n"
			"\tcharset=utf-8\r\nContent-Disposition: attachment;"
			"\r\n filename\r\n\r\nhi"), 0);
	CHECK_EQ(pl_strcmp(&c.type, "a/b;"), 0);
	CHECK_EQ(pl_strcmp(&c.disposition, "attachment;"), 0);
	CHECK_EQ(pl_strcmp(&c.content, "hi"), 0);
	/* s3: those of the message have not */
	CHECK_EQ(decode(&c, "From: <im:a>\r\n b\r\n\r\n\r\nhi"), EBADMSG);

	/* without a prefix both kinds of names are of that name space */
	CHECK_EQ(decode(&c, "NS: <urn:ietf:params:imdn>\r\n"
			"From: <im:a>\r\nMessage-ID: yes\r\n\r\n\r\n"),
		 0);
	CHECK_EQ(pl_strcmp(&c.from, "<im:a>"), 0);
	CHECK_EQ(pl_strcmp(&c.imdn_id, "yes"), 0);
}


/* RFC 3862 s3.2 */
static void cpim_uris(void)
{
	struct pl v, uri;

	v = pl("<>");
	CHECK_EQ(msrp_cpim_uri(&uri, &v), EBADMSG);
	v = pl("sip:a@b");
	CHECK_EQ(msrp_cpim_uri(&uri, &v), EBADMSG);
	v = pl("<sip:a@b");
	CHECK_EQ(msrp_cpim_uri(&uri, &v), EBADMSG);
	v = pl_null;
	CHECK_EQ(msrp_cpim_uri(&uri, &v), EBADMSG);
}


static void cpim_write(void)
{
	static const char want[] =
		"From: <sip:alice@example.com>\r\nTo: <sip:room@example.com>"
		"\r\nDateTime: 2026-01-01T00:00:00Z\r\n"
		"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk\r\n"
		"imdn.Disposition-Notification: display\r\n"
		"\r\nContent-Type: text/plain\r\n\r\n";
	struct msrp_cpim c, back;
	struct msrp_text t;
	char buf[512];
	size_t n;

	memset(&c, 0, sizeof(c));
	c.from = pl("sip:alice@example.com");
	c.to = pl("sip:room@example.com");
	c.datetime = pl("2026-01-01T00:00:00Z");
	c.imdn_id = pl("34jk");
	c.imdn_want = pl("display");
	c.type = pl("text/plain");
	msrp_text_init(&t, buf, sizeof(buf));
	CHECK_EQ(msrp_cpim_write(&t, &c), 0);
	CHECK_MEM(buf, t.len, want, sizeof(want) - 1);
	CHECK_EQ(msrp_cpim_decode(&back, buf, t.len), 0);
	CHECK_EQ(pl_cmp(&back.imdn_want, &c.imdn_want), 0);
	for (n = 0; n < sizeof(want) - 1; n++) {
		msrp_text_init(&t, buf, n);
		CHECK_EQ(msrp_cpim_write(&t, &c), EOVERFLOW);
	}
	c.to = pl("sip:a> <sip:b");
	msrp_text_init(&t, buf, sizeof(buf));
	CHECK_EQ(msrp_cpim_write(&t, &c), EINVAL);
	c.to = pl("sip:a\r\nX: y");
	CHECK_EQ(msrp_cpim_write(&t, &c), EINVAL);
}


/* ------------------------------------------------------------------ */


/* RFC 5438 s6, s12.1 */
static void imdn_rules(void)
{
	const struct pl both = pl("positive-delivery, display");
	const struct pl neg = pl("negative-delivery");
	const struct pl text = pl("text/plain"), imdn = pl("message/imdn+xml");
	const struct pl loud = pl("Message/IMDN+xml ;charset=x");

	CHECK(msrp_imdn_wanted(&both, &text, MSRP_IMDN_DELIVERED));
	CHECK(msrp_imdn_wanted(&both, &text, MSRP_IMDN_DISPLAYED));
	CHECK(!msrp_imdn_wanted(&both, &text, MSRP_IMDN_FAILED));
	CHECK(msrp_imdn_wanted(&neg, &text, MSRP_IMDN_FAILED));
	CHECK(!msrp_imdn_wanted(&neg, &text, MSRP_IMDN_DELIVERED));
	CHECK(!msrp_imdn_wanted(&pl_null, &text, MSRP_IMDN_DELIVERED));
	CHECK(!msrp_imdn_wanted(&both, &imdn, MSRP_IMDN_DELIVERED));
	/* RFC 2045 s5.1: in any case, with parameters */
	CHECK(!msrp_imdn_wanted(&both, &loud, MSRP_IMDN_DELIVERED));
	CHECK(msrp_type_is(&text, "text/") && !msrp_type_is(&text, "text/p"));
}


/* RFC 5438 s6.2: tokens, each with its parameters */
static void imdn_tokens(void)
{
	static const char *const yesv[] = {
		"display", "x,display", "a ,\tdisplay ;b=c, d", "display;b",
		"display-x, display"
	};
	static const char *const nov[] = {
		"", "displa", "x-display", "display-x", "xdisplay, displayed"
	};
	const struct pl text = pl("text/plain");
	struct pl want;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(yesv); i++) {
		want = pl(yesv[i]);
		CHECK(msrp_imdn_wanted(&want, &text, MSRP_IMDN_DISPLAYED));
	}
	for (i = 0; i < ARRAY_SIZE(nov); i++) {
		want = pl(nov[i]);
		CHECK(!msrp_imdn_wanted(&want, &text, MSRP_IMDN_DISPLAYED));
	}
}


/* RFC 2045 s5.1 */
static void types(void)
{
	static const char *const yesv[] = {
		"text/plain", "TEXT/Plain", "text/plain;charset=x",
		"text/plain ;charset=x", "text/plain\t;charset=x"
	};
	static const char *const nov[] = {
		"", "text/plai", "text/plainer", "text/html;text/plain"
	};
	struct pl type;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(yesv); i++) {
		type = pl(yesv[i]);
		CHECK(msrp_type_is(&type, "text/plain"));
	}
	for (i = 0; i < ARRAY_SIZE(nov); i++) {
		type = pl(nov[i]);
		CHECK(!msrp_type_is(&type, "text/plain"));
	}
}


static void imdn_documents(void)
{
	/* RFC 5438 s7.2.1.3 */
	struct pl doc = pl("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
		"<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">\r\n"
		"<message-id>34jk324j</message-id>\r\n"
		"<datetime>2008-04-04T12:16:49-05:00</datetime>\r\n"
		"<display-notification>\r\n<status>\r\n<displayed/>\r\n"
		"</status>\r\n</display-notification>\r\n</imdn>");
	struct msrp_cpim c;
	struct pl got;
	enum msrp_imdn_status st;
	struct msrp_text t;
	char buf[512];
	unsigned i;

	memset(&c, 0, sizeof(c));
	c.imdn_id  = pl("34jk");
	c.datetime = pl("2026-01-01T00:00:00Z");
	CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), 0);
	CHECK_EQ(pl_strcmp(&got, "34jk324j"), 0);
	CHECK_EQ(st, MSRP_IMDN_DISPLAYED);

	for (i = MSRP_IMDN_DELIVERED; i <= MSRP_IMDN_DISPLAYED; i++) {
		msrp_text_init(&t, buf, sizeof(buf));
		CHECK_EQ(msrp_imdn_write(&t, &c,
					 (enum msrp_imdn_status)i), 0);
		doc.p = buf;
		doc.l = t.len;
		CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), 0);
		CHECK_EQ(st, i);
		CHECK_EQ(pl_strcmp(&got, "34jk"), 0);
	}
	doc = pl("<i:imdn><i:message-id>a</i:message-id><i:status ><i:failed/>");
	CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), 0);
	CHECK_EQ(st, MSRP_IMDN_FAILED);
	/* s11.1.7: of a station on the way */
	doc = pl("<imdn><message-id>a</message-id><processing-notification>"
		 "<status><stored/></status></processing-notification>");
	CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), 0);
	CHECK_EQ(st, MSRP_IMDN_STORED);
	doc = pl("<imdn><message-id>a</message-id><delivered/></imdn>");
	CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), EBADMSG);
	doc = pl("<imdn><status><delivered/></status>");
	CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), EBADMSG);
	doc = pl("<imdn");
	CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), EBADMSG);
	doc = pl_null;
	CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), EBADMSG);

	/* RFC 5438 s11.1.4, and s11.1.9: not without the other one */
	c.imdn_original = pl("<im:list@example.com>");
	c.to = pl("Bob <im:bob@example.com>");
	msrp_text_init(&t, buf, sizeof(buf));
	CHECK_EQ(msrp_imdn_write(&t, &c, MSRP_IMDN_DELIVERED), 0);
	buf[t.len] = '\0';
	CHECK(strstr(buf, "</datetime><recipient-uri>im:bob@example.com"
		     "</recipient-uri><original-recipient-uri>"
		     "im:list@example.com</original-recipient-uri><d"));
	for (i = 0; i < t.len; i++) {
		struct msrp_text less;

		msrp_text_init(&less, buf, i);
		CHECK_EQ(msrp_imdn_write(&less, &c, MSRP_IMDN_DELIVERED),
			 EOVERFLOW);
	}

	/* what the message says goes into a document of ours: no markup */
	msrp_text_init(&t, buf, sizeof(buf));
	c.imdn_original = pl("<im:a<b@example.com>");
	CHECK_EQ(msrp_imdn_write(&t, &c, MSRP_IMDN_DELIVERED), EINVAL);
	c.imdn_original = pl("<im:a@example.com>");
	c.to = pl("<im:b<c@example.com>");
	CHECK_EQ(msrp_imdn_write(&t, &c, MSRP_IMDN_DELIVERED), EINVAL);
	c.imdn_original = pl_null;
	c.datetime = pl("2026>");
	CHECK_EQ(msrp_imdn_write(&t, &c, MSRP_IMDN_DELIVERED), EINVAL);
	c.datetime = pl("2026-01-01T00:00:00Z");
	c.imdn_id = pl("a<b");
	CHECK_EQ(msrp_imdn_write(&t, &c, MSRP_IMDN_DELIVERED), EINVAL);
	/* RFC 3261 s25.1, RFC 3986 s2.2: & is one of theirs */
	msrp_text_init(&t, buf, sizeof(buf));
	c.imdn_id = pl("a&b");
	c.imdn_original = pl("<im:a@b?x=1&y=2>");
	c.to = pl("<im:c@d?&>");
	CHECK_EQ(msrp_imdn_write(&t, &c, MSRP_IMDN_DELIVERED), 0);
	buf[t.len] = '\0';
	CHECK(strstr(buf, "<message-id>a&amp;b</message-id>"));
	CHECK(strstr(buf, ">im:c@d?&amp;</recipient-uri>"));
	CHECK(strstr(buf, ">im:a@b?x=1&amp;y=2</original-recipient-uri>"));
}


/* RFC 5438 s11.1: message-id and status, each with something in it */
static void imdn_not_valid(void)
{
	static const char *const badv[] = {
		"<imdn><message-id></message-id><status><failed/></status>",
		"<imdn><message-id>a</message-id><status></status></imdn>",
		"<imdn><message-id>a</message-id><status>",
		"<imdn><message-id>a</message-id><status><lost/></status>",
		"<imdn><!-- <message-id>a --><status><failed/></status>"
	};
	enum msrp_imdn_status st;
	struct pl doc, got;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(badv); i++) {
		doc = pl(badv[i]);
		CHECK_EQ(msrp_imdn_decode(&got, &st, &doc), EBADMSG);
	}
}


/* RFC 5438 s7.2.1: in their order, whatever the prefix is */
static void imdn_routes(void)
{
	struct msrp_cpim c;
	struct pl rest, route;

	CHECK_EQ(decode(&c, "From: <im:a@b>\r\nTo: <im:c@d>\r\n"
			"NS: x <urn:ietf:params:imdn>\r\n"
			"x.IMDN-Record-Route: <im:one@b>\r\n"
			"IMDN-Record-Route: <im:no@b>\r\n"
			"x.Original-To: <im:e@f>\r\n"
			"x.IMDN-Record-Route: <im:two@b>\r\n\r\n"
			"Content-Type: text/plain\r\n\r\nhello"), 0);
	CHECK_EQ(pl_strcmp(&c.imdn_original, "<im:e@f>"), 0);
	rest = c.head;
	CHECK(msrp_cpim_route(&route, &rest, &c));
	CHECK_EQ(pl_strcmp(&route, "<im:one@b>"), 0);
	CHECK(msrp_cpim_route(&route, &rest, &c));
	CHECK_EQ(pl_strcmp(&route, "<im:two@b>"), 0);
	CHECK(!msrp_cpim_route(&route, &rest, &c));
}


/* RFC 3994 s3.4 */
static void composing_documents(void)
{
	struct pl doc = pl("<?xml version='1.0'?><isComposing xmlns='urn:ietf:"
			   "params:xml:ns:im-iscomposing'><state>active</state>"
			   "<contenttype>text/plain</contenttype>"
			   "<refresh>90</refresh></isComposing>");
	struct msrp_text t;
	uint32_t refresh;
	char buf[256];
	bool active;

	CHECK_EQ(msrp_composing_decode(&active, &refresh, &doc), 0);
	CHECK(active);
	CHECK_EQ(refresh, 90);
	msrp_text_init(&t, buf, sizeof(buf));
	CHECK_EQ(msrp_composing_write(&t, false), 0);
	doc.p = buf;
	doc.l = t.len;
	CHECK_EQ(msrp_composing_decode(&active, &refresh, &doc), 0);
	CHECK(!active);
	CHECK_EQ(refresh, MSRP_COMPOSING_ACTIVE_S);
	doc = pl("<isComposing/>");
	CHECK_EQ(msrp_composing_decode(&active, &refresh, &doc), EBADMSG);
	doc = pl("<isComposing><state></state></isComposing>");
	CHECK_EQ(msrp_composing_decode(&active, &refresh, &doc), EBADMSG);
	for (; t.len; t.len--) {
		struct msrp_text less;

		msrp_text_init(&less, buf, t.len - 1);
		CHECK_EQ(msrp_composing_write(&less, false), EOVERFLOW);
	}
	msrp_text_init(&t, buf, sizeof(buf));
	CHECK_EQ(msrp_composing_write(&t, true), 0);
	doc.p = buf;
	doc.l = t.len;
	CHECK_EQ(msrp_composing_decode(&active, &refresh, &doc), 0);
	CHECK(active);
	CHECK_EQ(refresh, 120);
}


static void composing_rules(void)
{
	struct msrp_composing c = {0, 0};
	uint64_t t = 1000;

	CHECK(msrp_composing_key(&c, t));
	CHECK(!msrp_composing_key(&c, t + 10000));
	CHECK(!msrp_composing_due(&c, t + 24999));
	CHECK(msrp_composing_due(&c, t + 25000));
	CHECK(!msrp_composing_due(&c, t + 90000));
	/* active again: at once; then not before 60 s have passed */
	t = 100000;
	CHECK(msrp_composing_key(&c, t));
	CHECK(!msrp_composing_key(&c, t + 14000));
	CHECK(!msrp_composing_key(&c, t + 28000));
	CHECK(!msrp_composing_key(&c, t + 42000));
	CHECK(!msrp_composing_key(&c, t + 56000));
	CHECK(msrp_composing_key(&c, t + 60000));
	/* a message says idle by itself */
	msrp_composing_sent(&c);
	CHECK(!msrp_composing_due(&c, t + 200000));
}


const struct test_case suite_msrp_content[] = {
	{"RFC 3862 s5.1: a message", cpim_read},
	{"RFC 3862 s2: what is no message", cpim_bad},
	{"RFC 3862 s3.4: prefixes of names", cpim_prefixes},
	{"RFC 3862 s3.1: addresses", cpim_uris},
	{"RFC 3862 s2: writing a message", cpim_write},
	{"RFC 5438 s7.2.1: stations on the way", imdn_routes},
	{"RFC 5438 s7.2.1: which notifications are sent", imdn_rules},
	{"RFC 5438 s6.2: a disposition type is a whole word", imdn_tokens},
	{"RFC 2045 s5.1: media types", types},
	{"RFC 5438 s9: documents", imdn_documents},
	{"RFC 5438 s11.1: documents that are not valid", imdn_not_valid},
	{"RFC 3994 s4: documents", composing_documents},
	{"RFC 3994 s3.2: when the peer is told", composing_rules},
	{NULL, NULL}
};
