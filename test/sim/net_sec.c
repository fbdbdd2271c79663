/**
 * @file net_sec.c  The network's side of security agreement and associations
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/sim/net_core.h"

/** TS 24.229 7.8: reg-await-auth */
#define AWAIT_AUTH_MS 240000

/** How long an old set is kept: longer than any transaction on it */
#define OLD_MS 300000

/** The answer to what came over it may still leave */
#define VOID_MS 100

#define PORT 5060


static void wrong(struct net *net, const char *what)
{
	if (!net->sec.wrong)
		net->sec.wrong = what;
}


void net_use_sec(struct net *net)
{
	net->sec.on = true;
	net->sec.q = "";
}


/* ------------------------------------------------------------------ */
/* Packets */


static bool lives(const struct net *net, const struct net_set *s)
{
	return s->state && net->sim->now_ms < s->gone_ms;
}


static bool is_pcscf(const struct net *net, const struct net_set *s,
		     const struct ue_addr *addr)
{
	return ue_addr_same_ip(&net->pcscfv[s->pcscf].addr, addr);
}


/* A UE's protected port, or one of ours */
static bool is_clear(const struct ue_addr *n, const struct ue_addr *ue)
{
	return n->port == PORT && (ue->port < IPSEC_PORT_MIN ||
				   ue->port > IPSEC_PORT_MAX);
}


bool net_seal_h(struct sim_esp *esp, const struct ue_addr *addr,
		const struct ue_addr *ue, void *arg)
{
	struct net *net = arg;
	unsigned i;

	if (!net->sec.on || is_clear(addr, ue))
		return true;

	for (i = 0; i < NET_SETS; i++) {

		struct net_set *s = &net->sec.setv[i];

		if (lives(net, s) && is_pcscf(net, s, addr) &&
		    sim_set_fits(&s->sa, esp, false, ue, addr))
			return true;
	}

	return false;
}


bool net_open_h(const struct sim_esp *esp, const struct ue_addr *addr,
		const struct ue_addr *ue, void *arg)
{
	struct net *net = arg;
	unsigned i;

	net->sec.in = NULL;
	if (!net->sec.on)
		return true;

	if (!esp->spi && is_clear(addr, ue))
		return true;

	if (!esp->spi) {
		++net->sec.clear_dropped;
		wrong(net, "a packet in the clear to a protected port");
		return false;
	}

	for (i = 0; i < NET_SETS; i++) {

		struct net_set *s = &net->sec.setv[i];

		if (lives(net, s) && is_pcscf(net, s, addr) &&
		    sim_set_takes(&s->sa, esp, true, ue, addr)) {
			net->sec.in = s;
			return true;
		}
	}

	++net->sec.esp_dropped;

	return false;
}


/* ------------------------------------------------------------------ */
/* Sets */


void net_sec_forget(struct net *net, int pcscf)
{
	unsigned i;

	for (i = 0; i < NET_SETS; i++) {
		if (net->sec.setv[i].pcscf == pcscf)
			net->sec.setv[i].state = NET_SET_FREE;
	}
}


static struct net_set *set_find(struct net *net, enum net_set_state state)
{
	unsigned i;

	for (i = 0; i < NET_SETS; i++) {

		struct net_set *s = &net->sec.setv[i];

		if (s->state == state && lives(net, s))
			return s;
	}

	return NULL;
}


static struct net_set *set_new(struct net *net)
{
	struct net_set *oldest = NULL;
	unsigned i;

	for (i = 0; i < NET_SETS; i++) {

		struct net_set *s = &net->sec.setv[i];

		if (!lives(net, s))
			return s;
		if (s->state != NET_SET_CURRENT && s != net->sec.in &&
		    (!oldest || s->gone_ms < oldest->gone_ms))
			oldest = s;
	}

	return oldest;
}


/* The set for requests of the network.  NULL: in the clear */
static struct net_set *set_out(struct net *net)
{
	struct net_set *cur = set_find(net, NET_SET_CURRENT);
	struct net_set *old = set_find(net, NET_SET_OLD);

	return net->sec.patient && cur && old && !cur->heard ? old : cur;
}


bool net_sec_way(struct net *net, struct ue_addr *src, struct ue_addr *dst)
{
	const struct net_set *s = net->sec.on ? set_out(net) : NULL;

	*src = net->pcscfv[net->home_pcscf].addr;
	*dst = net->contact_addr;
	if (!s)
		return !net->sec.on;

	*src = net->pcscfv[s->pcscf].addr;
	src->port = s->sa.port_pc;
	*dst = s->sa.ue_addr;
	dst->port = s->sa.ue.port_us;

	return true;
}


bool net_sec_lives(const struct net *net, const struct ue_addr *pc)
{
	unsigned i;

	for (i = 0; i < NET_SETS; i++) {
		if (lives(net, &net->sec.setv[i]) &&
		    net->sec.setv[i].sa.port_pc == pc->port)
			return true;
	}

	return !net->sec.on;
}


void net_sec_reply_way(struct net_ctx *x, struct ue_addr *src,
		       struct ue_addr *dst)
{
	const struct net_set *s = x->set;

	*src = x->net->pcscfv[x->pcscf].addr;
	*dst = x->src;
	if (!s)
		return;

	/* TS 33.203 7.1, SA 3; SA 2 where a P-CSCF does so */
	src->port = x->net->sec.ps_to_uc ? s->sa.port_ps : s->sa.port_pc;
	dst->port = x->net->sec.ps_to_uc ? s->sa.ue.port_uc
		: s->sa.ue.port_us;
}


struct ue_addr net_self(const struct net *net, int pcscf)
{
	struct ue_addr a = net->pcscfv[pcscf].addr;

	if (net->sec.on)
		a.port = NET_PORT_PS;

	return a;
}


char *net_via(char buf[NET_VIA], const struct net *net)
{
	const struct ue_addr self = net_self(net, net->home_pcscf);

	ue_addr_print(buf, &self, UE_ADDR_HOSTPORT);
	if (net->comp.on)
		strcat(buf, ";comp=sigcomp");

	return buf;
}


/* ------------------------------------------------------------------ */
/* Security-Client, Security-Server */


static bool header(char *buf, size_t size, const struct sip_msg *m,
		   enum sip_hdr_id id)
{
	struct sip_iter it;
	struct pl val;
	size_t n = 0;

	buf[0] = '\0';
	sip_iter_init(&it, m, id);
	while (!sip_iter_field(&val, &it) && val.l + 2 < size - n) {
		memcpy(buf + n, val.p, val.l);
		n += val.l;
		buf[n++] = '\n';
		buf[n] = '\0';
	}

	return n != 0;
}


static bool is(const struct pl *val, const char *text)
{
	return val->p && !pl_strcasecmp(val, text);
}


/* The mechanism that the P-CSCF takes: alg, ealg of its own, else the first */
static bool choose(struct sip_sec_mech *m, const struct net *net)
{
	struct sip_iter it;

	sip_iter_init(&it, &net->msg, SIP_HDR_SECURITY_CLIENT);
	while (!sip_iter_sec_mech(m, &it)) {
		if (!net->sec.alg || (is(&m->alg, net->sec.alg) &&
				      is(&m->ealg, net->sec.ealg)))
			return true;
	}

	return false;
}


/* TS 33.203 annex H, and that all mechanisms of one offer agree */
static void check_client(struct net *net, const char *text)
{
	struct sip_sec_mech m, first;
	struct sip_iter it;
	unsigned n = 0;

	sip_iter_init(&it, &net->msg, SIP_HDR_SECURITY_CLIENT);
	while (!sip_iter_sec_mech(&m, &it)) {

		if (!n++)
			first = m;
		if (!is(&m.name, "ipsec-3gpp") || !is(&m.prot, "esp") ||
		    !is(&m.mod, "trans") || !m.alg.p || !m.ealg.p)
			wrong(net, "Security-Client: not as in annex H");
		if (m.spi_c < 256 || m.spi_s < 256 || m.spi_c == m.spi_s ||
		    !m.port_c || !m.port_s || m.port_c == m.port_s ||
		    m.port_c == PORT || m.port_s == PORT)
			wrong(net, "Security-Client: SPIs or ports");
		if (m.spi_c != first.spi_c || m.spi_s != first.spi_s ||
		    m.port_c != first.port_c || m.port_s != first.port_s)
			wrong(net, "Security-Client: mechanisms differ");
	}

	if (!n)
		wrong(net, "Security-Client is missing");
	if (strstr(text, ";q="))
		wrong(net, "Security-Client: with q (RFC 3329 2.3.1)");
}


/* New SPIs and port_uc, the same port_us while there is another set */
static void check_fresh(const struct net_ctx *x)
{
	struct net *net = x->net;
	struct sip_sec_mech m;
	struct sip_iter it;
	unsigned i;

	sip_iter_init(&it, &net->msg, SIP_HDR_SECURITY_CLIENT);
	if (sip_iter_sec_mech(&m, &it))
		return;

	for (i = 0; i < NET_SETS; i++) {

		const struct net_set *s = &net->sec.setv[i];
		const struct ipsec_offer *o = &s->sa.ue;

		if (!lives(net, s) ||
		    !ue_addr_same_ip(&s->sa.ue_addr, &x->src))
			continue;

		if (m.spi_c == o->spi_uc || m.spi_c == o->spi_us ||
		    m.spi_s == o->spi_uc || m.spi_s == o->spi_us)
			wrong(net, "Security-Client: an SPI in use again");
		if (net->sec.in && s == net->sec.in &&
		    m.port_c == o->port_uc)
			wrong(net, "Security-Client: the port-c before");
		if (net->sec.in && s == net->sec.in && m.port_s != o->port_us)
			wrong(net, "Security-Client: another port-s");
	}
}


static void take(struct net_set *s, const struct net *net,
		 const struct sip_sec_mech *m, const char *alg,
		 const char *ealg)
{
	uint8_t ik[16];

	memcpy(ik, net->ik, sizeof(ik));
	ik[0] ^= net->sec.fault == NET_SEC_KEYS;

	s->sa.used = true;
	s->sa.ue.spi_uc = m->spi_c;
	s->sa.ue.spi_us = m->spi_s;
	s->sa.ue.port_uc = m->port_c;
	s->sa.ue.port_us = m->port_s;
	s->sa.key = sim_esp_key(net->ck, ik, alg, ealg);
}


static size_t write_server(char *buf, size_t size, const struct net *net,
			   const struct net_set *s, const char *alg,
			   const char *ealg)
{
	const enum net_sec_fault fault = net->sec.fault;
	char port_s[24];

	(void)snprintf(port_s, sizeof(port_s), ";port-s=%u",
		       (unsigned)s->sa.port_ps);
	if (fault == NET_SEC_UNKNOWN)
		alg = "hmac-sha-3-512";

	return (size_t)snprintf(buf, size, "%s%sipsec-3gpp%s;alg=%s;ealg=%s;"
				"prot=esp;mod=trans;spi-c=%u;spi-s=%u;"
				"port-c=%u%s", net->sec.other ?
				net->sec.other : "", net->sec.other ? ", "
				: "", net->sec.q, alg, ealg,
				fault == NET_SEC_BAD_SPI ? 0U :
				fault == NET_SEC_OWN_SPI ?
				(unsigned)s->sa.ue.spi_us :
				(unsigned)s->sa.spi_pc,
				(unsigned)s->sa.spi_ps,
				(unsigned)s->sa.port_pc,
				fault == NET_SEC_NO_PORT ? "" : port_s);
}


/* RFC 3329 s5: the last mechanism of the offer alone has arrived */
static void weaken(char *client)
{
	char *comma = strrchr(client, ',');

	if (comma)
		memmove(client, comma + 2, strlen(comma + 2) + 1);
}


static void new_set(struct net_ctx *x, struct net_set *s,
		    const struct sip_sec_mech *m)
{
	struct net *net = x->net;
	char alg[24], ealg[24];

	(void)snprintf(alg, sizeof(alg), "%.*s", (int)m->alg.l, m->alg.p);
	(void)snprintf(ealg, sizeof(ealg), "%.*s", (int)m->ealg.l,
		       m->ealg.p);
	if (net->sec.fault == NET_SEC_NOT_OFFERED)
		(void)snprintf(alg, sizeof(alg), "hmac-md5-96");

	memset(s, 0, sizeof(*s));
	s->pcscf = x->pcscf;
	s->sa.ue_addr = x->src;
	s->sa.net_addr = net->pcscfv[x->pcscf].addr;
	s->sa.port_ps = NET_PORT_PS;
	s->sa.port_pc = (uint16_t)(NET_PORT_PS + 1 + net->sec.count % 800);
	s->sa.spi_pc = 1000000 + 2 * net->sec.count;
	s->sa.spi_ps = 1000001 + 2 * net->sec.count++;
	take(s, net, m, alg, ealg);
	(void)write_server(s->server, sizeof(s->server), net, s, alg, ealg);
	s->gone_ms = net->sim->now_ms + AWAIT_AUTH_MS;
	s->state = NET_SET_TEMPORARY;
}


void net_sec_challenge(struct net_ctx *x, struct sip_writer *w)
{
	struct net *net = x->net;
	struct net_set *s;
	struct sip_sec_mech m;

	if (!net->sec.on)
		return;

	if (!net->sec.faults)
		net->sec.fault = NET_SEC_GOOD;
	else
		--net->sec.faults;

	if (!choose(&m, net)) {
		wrong(net, "no mechanism for this P-CSCF");
		return;
	}

	/* TS 33.203 7.3.1: an older challenge is void */
	s = set_find(net, NET_SET_TEMPORARY);
	if (s) {
		s->state = NET_SET_VOID;
		s->gone_ms = net->sim->now_ms + VOID_MS;
	}

	s = set_new(net);
	new_set(x, s, &m);
	(void)header(s->client, sizeof(s->client), &net->msg,
		     SIP_HDR_SECURITY_CLIENT);
	if (net->sec.fault == NET_SEC_WEAK_CLIENT)
		weaken(s->client);

	if (net->sec.fault != NET_SEC_NONE)
		sip_writer_hdr(w, SIP_HDR_SECURITY_SERVER, "%s", s->server);

	/* what the P-CSCF has really sent */
	if (net->sec.fault == NET_SEC_WEAK_SERVER)
		(void)snprintf(s->server, sizeof(s->server), "ipsec-3gpp;"
			       "q=0.9;alg=hmac-sha-1-96;ealg=aes-cbc, ...");
}


/* ------------------------------------------------------------------ */
/* What the UE sends */


static void check_clear(struct net *net)
{
	const struct sip_msg *m = &net->msg;

	++net->sec.clear;
	if (!m->request || m->method != SIP_METHOD_REGISTER)
		wrong(net, "not a REGISTER, but in the clear");
	if (sip_msg_has(m, SIP_HDR_SECURITY_VERIFY))
		wrong(net, "Security-Verify in the clear");
	if (sip_msg_has(m, SIP_HDR_P_ACCESS_NETWORK_INFO))
		wrong(net, "P-Access-Network-Info in the clear");
}


/* TS 33.203 7.1: SA 1 carries what the UE sends over UDP, and requests over
   TCP; SA 4 its responses over TCP */
static void check_way(const struct net_ctx *x)
{
	struct net *net = x->net;
	const struct net_set *s = x->set;
	const bool uc = x->src.port == s->sa.ue.port_uc;

	if (x->transport == UE_TRANSPORT_UDP && !uc)
		wrong(net, "UDP from port_us");
	if (x->transport == UE_TRANSPORT_TCP && net->msg.request && !uc)
		wrong(net, "a request over the connection of the P-CSCF");
	if (s->state == NET_SET_TEMPORARY &&
	    net->msg.method != SIP_METHOD_REGISTER)
		wrong(net, "a temporary set is for REGISTER only");
}


static void check_addresses(const struct net_ctx *x)
{
	struct net *net = x->net;
	const struct sip_msg *m = &net->msg;
	const struct net_set *s = x->set;
	struct sip_addr a;
	struct ue_addr ip;

	if (m->via.port != s->sa.ue.port_us)
		wrong(net, "Via does not name port_us");
	if (!sip_msg_addr(&a, m, SIP_HDR_CONTACT) &&
	    !ue_addr_decode(&ip, &a.uri.host) &&
	    a.uri.port != s->sa.ue.port_us)
		wrong(net, "Contact does not name port_us");
	if (!sip_msg_addr(&a, m, SIP_HDR_ROUTE) &&
	    a.uri.port != s->sa.port_ps)
		wrong(net, "Route does not name port_ps");
}


static bool has_agree(const struct sip_msg *m)
{
	return sip_msg_has_token(m, SIP_HDR_REQUIRE, "sec-agree") &&
		sip_msg_has_token(m, SIP_HDR_PROXY_REQUIRE, "sec-agree");
}


/* As sent, octet by octet */
static bool verify_fits(const struct net *net, const struct net_set *s)
{
	char text[1300];
	size_t n;

	(void)header(text, sizeof(text), &net->msg, SIP_HDR_SECURITY_VERIFY);
	n = strlen(s->server);

	return !strncmp(text, s->server, n) && !strcmp(text + n, "\n");
}


static bool client_fits(const struct net *net, const struct net_set *s)
{
	char text[1300];

	(void)header(text, sizeof(text), &net->msg, SIP_HDR_SECURITY_CLIENT);

	return !strcmp(text, s->client);
}


/* RFC 3329 s2.3.1, TS 24.229 5.2.2: bidding down is found here */
static bool fits(const struct net_ctx *x)
{
	const struct net *net = x->net;
	const struct net_set *s = x->set;

	if (!has_agree(&net->msg) || !verify_fits(net, s))
		return false;

	return net->msg.method != SIP_METHOD_REGISTER ||
		s->state != NET_SET_TEMPORARY || client_fits(net, s);
}


static void check_register(struct net_ctx *x)
{
	struct net *net = x->net;
	char text[1300];

	(void)header(text, sizeof(text), &net->msg, SIP_HDR_SECURITY_CLIENT);
	check_client(net, text);

	if (!has_agree(&net->msg))
		wrong(net, "REGISTER without sec-agree");
	if (!x->set || x->set->state != NET_SET_TEMPORARY)
		check_fresh(x);
}


static bool is_repetition(const struct net *net, uint64_t key)
{
	unsigned i;

	for (i = 0; i < NET_STRANS; i++) {
		if (net->stransv[i].key == key)
			return true;
	}

	return false;
}


/* TS 24.229 5.1.2A.1: without sec-agree and P-Access-Network-Info */
static bool is_bare(const struct sip_msg *m)
{
	return m->method == SIP_METHOD_ACK || m->method == SIP_METHOD_CANCEL;
}


/* Only what is no repetition can be judged by the state of now */
void net_sec_message(struct net_ctx *x, uint64_t key)
{
	struct net *net = x->net;
	const struct sip_msg *m = &net->msg;

	if (!net->sec.on)
		return;

	x->set = net->sec.in;
	if (!x->set)
		check_clear(net);
	else
		check_way(x);

	if (!x->set || !m->request || is_repetition(net, key)) {
		if (!x->set && m->method == SIP_METHOD_REGISTER &&
		    m->request && !is_repetition(net, key))
			check_register(x);
		return;
	}

	++net->sec.protected_;
	net->sec.on_old += x->set->state == NET_SET_OLD;
	check_addresses(x);
	if (is_bare(m))
		return;

	if (!sip_msg_has(m, SIP_HDR_P_ACCESS_NETWORK_INFO))
		wrong(net, "protected without P-Access-Network-Info");
	if (m->method == SIP_METHOD_REGISTER)
		check_register(x);
}


bool net_sec_refuse(struct net_ctx *x)
{
	struct net *net = x->net;

	if (!net->sec.on || !x->set || is_bare(&net->msg) || fits(x))
		return false;

	++net->sec.mismatches;
	if (!net->sec.fault)
		wrong(net, "Security-Client or -Verify differ");

	if (net->sec.no_494) {
		net_reply(x, 403);
	}
	else {
		sip_writer_hdr(net_reply_begin(x, 494, NULL),
			       SIP_HDR_SECURITY_SERVER, "%s", x->set->server);
		net_reply_send(x);
	}

	if (x->set->state == NET_SET_TEMPORARY)
		x->set->gone_ms = net->sim->now_ms + 1000;

	return true;
}


/* The first message over the new set lets the old one go */
void net_sec_heard(struct net_ctx *x)
{
	struct net_set *old;

	if (!x->set || x->set->state != NET_SET_CURRENT || x->set->heard)
		return;

	x->set->heard = true;
	old = set_find(x->net, NET_SET_OLD);
	if (old)
		old->gone_ms = x->net->sim->now_ms + OLD_MS;
}


bool net_sec_may_register(struct net_ctx *x)
{
	if (!x->net->sec.on || x->set)
		return true;

	wrong(x->net, "credentials in the clear");

	return false;
}


void net_sec_registered(struct net_ctx *x)
{
	struct net *net = x->net;
	struct net_set *old;

	if (!x->set || x->set->state != NET_SET_TEMPORARY)
		return;

	old = set_find(net, NET_SET_OLD);
	if (old)
		old->state = NET_SET_FREE;

	old = set_find(net, NET_SET_CURRENT);
	if (old)
		old->state = NET_SET_OLD;

	x->set->state = NET_SET_CURRENT;
	x->set->gone_ms = UINT64_MAX;
}


/* TS 24.229 5.2.5: the transaction that ends it is answered first */
void net_sec_unregistered(struct net *net)
{
	unsigned i;

	for (i = 0; i < NET_SETS; i++) {

		struct net_set *s = &net->sec.setv[i];

		if (s->state && s->gone_ms > net->sim->now_ms + OLD_MS)
			s->gone_ms = net->sim->now_ms + OLD_MS;
	}
}
