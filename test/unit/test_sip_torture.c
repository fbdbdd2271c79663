/**
 * @file test_sip_torture.c  SIP parser: RFC 4475, RFC 5118, and mutations of
 *                           their messages
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "gen/sip_torture.h"
#include "ue/sip/message.h"

static struct sip_msg m;
static char buf[4096];


/* ------------------------------------------------------------------ */
/* Torture messages */

static void torture(void)
{
	for (size_t i = 0; i < sizeof(torturev) / sizeof(torturev[0]); i++) {

		const uint16_t *st = torturev[i].statusv;
		bool ok;
		int err;

		CHECK(torturev[i].len <= sizeof(buf));
		memcpy(buf, torturev[i].data, torturev[i].len);
		err = sip_msg_parse(&m, buf, torturev[i].len,
				    torturev[i].transcript ?
				    SIP_FRAMING_WHOLE : SIP_FRAMING_DATAGRAM);

		ok = !err ? torturev[i].accept : torturev[i].reject;
		if (ok && err && err != EBADMSG)
			ok = false;
		if (ok && err && !torturev[i].accept)
			ok = m.status == st[0] ||
				(st[1] && m.status == st[1]);
		if (!ok)
			CHECK_STR("another verdict", torturev[i].file);
		CHECK_EQ(m.why != NULL, err != 0);
	}
}


/** Parse the torture message with that name */
static int load(const char *file)
{
	for (size_t i = 0; i < sizeof(torturev) / sizeof(torturev[0]); i++) {
		if (strcmp(torturev[i].file, file))
			continue;
		memcpy(buf, torturev[i].data, torturev[i].len);
		return sip_msg_parse(&m, buf, torturev[i].len,
				     torturev[i].transcript ?
				     SIP_FRAMING_WHOLE :
				     SIP_FRAMING_DATAGRAM);
	}

	return ENOENT;
}


static bool is(const struct pl *pl, const char *str)
{
	return pl->p && pl->l == strlen(str) && !memcmp(pl->p, str, pl->l);
}


static void tortuous(void)
{
	struct sip_iter it;
	struct sip_addr addr;
	struct sip_via via;
	struct pl val;

	CHECK_EQ(load("rfc4475/wsinv.dat"), 0);
	CHECK(m.request);
	CHECK_EQ(m.method, SIP_METHOD_INVITE);
	CHECK(is(&m.ruri.params, ";unknownparam"));
	CHECK(is(&m.to_tag, "1918181833n"));
	CHECK(is(&m.from.dname, "J Rosenberg \\\\\\\""));
	CHECK(is(&m.from_tag, "98asjd8"));
	CHECK_EQ(m.max_fwd, 68);
	CHECK_EQ(m.cseq, 9);
	CHECK_EQ(m.viac, 3);
	CHECK(is(&m.via.host, "192.0.2.2"));
	CHECK(!m.via.rfc3261);
	CHECK_EQ(m.body.l, 150);

	sip_iter_init(&it, &m, SIP_HDR_VIA);
	CHECK_EQ(sip_iter_via(&via, &it), 0);
	CHECK_EQ(sip_iter_via(&via, &it), 0);
	CHECK_EQ(via.transp, SIP_TRANSP_TCP);
	CHECK(is(&via.host, "spindle.example.com"));
	CHECK(is(&via.branch, "z9hG4bK9ikj8"));
	CHECK(via.rfc3261);
	CHECK_EQ(sip_iter_via(&via, &it), 0);
	CHECK(is(&via.branch, "z9hG4bK30239"));
	CHECK_EQ(sip_iter_via(&via, &it), ENOENT);

	CHECK_EQ(sip_msg_addr(&addr, &m, SIP_HDR_CONTACT), 0);
	CHECK_EQ(sip_param_get(&val, &addr.params, "newparam"), 0);
	CHECK(is(&val, "newvalue"));
	CHECK_EQ(sip_param_get(&val, &addr.params, "secondparam"), 0);
	CHECK(!val.p);
	CHECK_EQ(sip_param_get(&val, &addr.params, "q"), 0);
	CHECK(is(&val, "0.33"));

	CHECK_EQ(sip_msg_hdr(&val, &m, SIP_HDR_SUBJECT), 0);
	CHECK_EQ(val.l, 0);
	CHECK_EQ(sip_msg_hdr_named(&val, &m, "NEWFANGLEDHEADER"), 0);
	CHECK(is(&val, "newfangled value   continued newfangled value"));
	CHECK_EQ(sip_msg_hdr_named(&val, &m, "Newfangled"), ENOENT);
}


static void contact_params(void)
{
	struct sip_addr addr;

	CHECK_EQ(load("rfc4475/cparam01.dat"), 0);
	CHECK_EQ(sip_msg_addr(&addr, &m, SIP_HDR_CONTACT), 0);
	CHECK(is(&addr.params, ";unknownparam"));
	CHECK_EQ(addr.uri.params.l, 0);

	CHECK_EQ(load("rfc4475/cparam02.dat"), 0);
	CHECK_EQ(sip_msg_addr(&addr, &m, SIP_HDR_CONTACT), 0);
	CHECK(is(&addr.uri.params, ";unknownparam"));
	CHECK_EQ(addr.params.l, 0);

	CHECK_EQ(load("rfc4475/regescrt.dat"), 0);
	CHECK_EQ(sip_msg_addr(&addr, &m, SIP_HDR_CONTACT), 0);
	CHECK(is(&addr.uri.headers, "Route=%3Csip:sip.example.com%3E"));

	CHECK_EQ(load("rfc4475/semiuri.dat"), 0);
	CHECK(is(&m.ruri.user, "user;par=u%40example.net"));
	CHECK(is(&m.ruri.host, "example.com"));

	CHECK_EQ(load("rfc4475/esc01.dat"), 0);
	CHECK(is(&m.ruri.user, "sips%3Auser%40example.com"));

	CHECK_EQ(load("rfc4475/intmeth.dat"), 0);
	CHECK_EQ(m.method, SIP_METHOD_OTHER);
	CHECK(is(&m.ruri.user, "1_unusual.URI~(to-be!sure)&isn't+it$"
		 "/crazy?,/;;*"));
	CHECK(is(&m.ruri.password, "&it+has=1,weird!*pas$wo~d_too."
		 "(doesn't-it)"));
	CHECK_EQ(m.to.dname.l, 20);
	CHECK(is(&m.from_tag, "_token~1'+`*%!-."));
}


static void ipv6(void)
{
	CHECK_EQ(load("rfc5118/port-ambiguous.dat"), 0);
	CHECK(is(&m.ruri.host, "2001:db8::10:5070"));
	CHECK_EQ(m.ruri.port, 0);
	CHECK_EQ(m.ruri.host_type, SIP_HOST_IPV6);

	CHECK_EQ(load("rfc5118/port-unambiguous.dat"), 0);
	CHECK(is(&m.ruri.host, "2001:db8::10"));
	CHECK_EQ(m.ruri.port, 5070);

	CHECK_EQ(load("rfc5118/via-received-param-with-delim.dat"), 0);
	CHECK(is(&m.via.received, "2001:db8::9:255"));
	CHECK_EQ(load("rfc5118/via-received-param-no-delim.dat"), 0);
	CHECK(is(&m.via.received, "2001:db8::9:255"));
	CHECK(is(&m.via.branch, "z9hG4bKas3"));
}


/* ------------------------------------------------------------------ */
/* Mutations */

static bool inside(const struct pl *pl, size_t len)
{
	return !pl->p || !pl->l ||
		(pl->p >= buf && pl->l <= len &&
		 pl->p - buf <= (ptrdiff_t)(len - pl->l));
}


/** Walk over everything; false: something points outside the message */
static bool walk(size_t len)
{
	struct sip_iter it;
	struct sip_addr addr;
	struct sip_via via;
	struct sip_param prm;
	struct pl name, val, rest;
	bool ok = inside(&m.body, len) && inside(&m.call_id, len) &&
		inside(&m.from_tag, len) && inside(&m.ruri.text, len) &&
		inside(&m.via.text, len) && m.hdrc <= SIP_HDR_MAX;

	for (unsigned i = 0; !sip_msg_hdr_at(&name, &val, &m, i); i++)
		ok = ok && inside(&name, len) && inside(&val, len);

	sip_iter_init(&it, &m, SIP_HDR_CONTACT);
	while (!sip_iter_addr(&addr, &it)) {
		ok = ok && inside(&addr.uri.text, len) &&
			inside(&addr.params, len);
		rest = addr.params;
		while (!sip_param_next(&prm, &rest))
			ok = ok && inside(&prm.name, len) &&
				inside(&prm.val, len);
	}
	sip_iter_init(&it, &m, SIP_HDR_VIA);
	while (!sip_iter_via(&via, &it))
		ok = ok && inside(&via.text, len);

	return ok;
}


static void mutations(void)
{
	static const char octets[] = "\"\\<>;,:=@?%[]*/\r\n \t-.0a~\x7f\xff";
	uint32_t seed = 1;

	for (unsigned n = 0; n < 20000; n++) {

		const size_t all = sizeof(torturev) / sizeof(torturev[0]);
		const size_t i = n % all;
		size_t len = torturev[i].len;
		int err;

		memcpy(buf, torturev[i].data, len);
		for (unsigned k = 0; k <= n % 4; k++) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 30 == 3)
				len = 1 + (seed >> 8) % len;
			else
				buf[(seed >> 8) % len] =
					octets[(seed >> 24) %
					       sizeof(octets)];
		}

		err = sip_msg_parse(&m, buf, len, SIP_FRAMING_DATAGRAM);
		CHECK(!err || err == EBADMSG);
		CHECK_EQ(m.why != NULL, err != 0);
		CHECK(walk(len));

		/* what was accepted is accepted again: folds are spaces now */
		if (!err)
			CHECK_EQ(sip_msg_parse(&m, buf, len,
					       SIP_FRAMING_DATAGRAM), 0);
	}
}


const struct test_case suite_sip_torture[] = {
	{"RFC 4475, RFC 5118: each torture message gets its verdict",
	 torture},
	{"RFC 4475 3.1.1.1: the tortuous INVITE is decoded", tortuous},
	{"RFC 4475 3.1.1, 3.3: parameters and URIs go where they belong",
	 contact_params},
	{"RFC 5118: IPv6 references, ports and received", ipv6},
	{"mutated messages: nothing outside the message is pointed at",
	 mutations},
	{NULL, NULL}
};
