/**
 * @file secagree.c  Security agreement: the life of the sets of associations
 * (TS 33.203 7.2 to 7.5, TS 24.229 5.1.1.2 to 5.1.1.7)
 *
 *   state       event             action                      next
 *   ---------------------------------------------------------------------
 *   FREE        offer             - (port_uc, port_us open)   OFFERED
 *   OFFERED     offer             - (another one)             FREE
 *               401               install                     TEMPORARY
 *               200 over another  -                           FREE
 *               failure           -                           FREE
 *   TEMPORARY   offer             remove                      FREE
 *               401               remove, install (7.3.1)     -
 *               200 over it       - (dialogs use it)          CURRENT
 *               200 over another  remove                      FREE
 *               failure           remove                      FREE
 *               lifetime          remove (four minutes)       FREE
 *   CURRENT     200 over another  - (no new requests)         OLD
 *               200 over it       - (a longer lifetime)       -
 *               lifetime          remove                      FREE
 *               end, idle         remove                      FREE
 *   OLD         200 over another  remove                      FREE
 *               heard             remove                      FREE
 *               lifetime          remove                      FREE
 *               end, idle         remove                      FREE
 *   OFFERED     idle, close       -                           FREE
 *   TEMPORARY,  idle, close       remove                      FREE
 *   CURRENT,
 *   OLD
 *
 * end: the registration is over; idle: and no other one begins; heard: a
 * message over the current set; all when no transaction is left on the set.
 * close: the address has changed, or the hop closes.  Any other pair of state
 * and event: nothing.
 *
 * One set at most is in each state, OFFERED and TEMPORARY counting as one, so
 * the three of the database suffice.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ue/ims/reg_core.h"
#include "ue/ims/sec_core.h"

#if UE_IPSEC

/** Ports that are taken by others are tried so often */
#define OFFER_TRIES 8

/** How often to look whether the last transaction on a set has ended */
#define TIDY_MS 5000

/** UDP header */
#define UDP_HEADER 8


static bool wanted(const struct ims_reg *reg)
{
	return reg->ue->set->sec == UE_SEC_IPSEC;
}


static struct ims_sec_set *find(struct ims_reg *reg, enum ims_sec_state state)
{
	unsigned i;

	for (i = 0; i < IPSEC_SETS; i++) {
		if (reg->sec.setv[i].state == state)
			return &reg->sec.setv[i];
	}

	return NULL;
}


bool ims_sec_is_open(const struct ims_reg *reg)
{
	unsigned i;

	for (i = 0; i < IPSEC_SETS; i++) {
		if (reg->sec.setv[i].state != IMS_SEC_FREE)
			return true;
	}

	return false;
}


const char *ims_sec_check(const struct ue_settings *set,
			  const struct ue_port *port)
{
	struct sec_pairs it;
	struct sec_pair pair;
	int err;

	if (set->sec == UE_SEC_NONE)
		return NULL;

	if (set->sec != UE_SEC_IPSEC)
		return "settings: sec: none or ipsec expected";

	if (!port->ipsec_install)
		return "settings: sec: this platform has no IPsec";

	sec_pairs_init(&it, set);
	while (!(err = sec_pairs_next(&pair, &it)))
		;
	if (err != ENOENT)
		return "settings: algs: alg/ealg,... of TS 33.203 annex H "
			"expected, as far as built";

	return NULL;
}


/* ------------------------------------------------------------------ */
/* End of a set */


static const uint8_t ipsec_statev[] = {
	[IMS_SEC_FREE]      = IPSEC_FREE,
	[IMS_SEC_OFFERED]   = IPSEC_FREE,
	[IMS_SEC_TEMPORARY] = IPSEC_TEMPORARY,
	[IMS_SEC_CURRENT]   = IPSEC_CURRENT,
	[IMS_SEC_OLD]       = IPSEC_OLD
};


/* The associations, not their ports */
static void uninstall(struct ims_reg *reg, struct ims_sec_set *set)
{
	const struct ue_port *port = reg->ue->port;

	ipsec_delete(&reg->ue->ipsec,
		     (enum ipsec_state)ipsec_statev[set->state]);

	if (!set->installed)
		return;

	set->installed = false;
	++reg->sec.stats.removed;
	if (port->ipsec_remove)
		port->ipsec_remove(port->arg, &set->ue);
}


/* Those who wait for answers over it are told.  The hop goes last: handlers of
   server transactions may do anything */
static void drop(struct ims_reg *reg, struct ims_sec_set *set)
{
	if (!set)
		return;

	uninstall(reg, set);
	if (reg->sec.used == &set->hop)
		reg->sec.used = NULL;
	set->state = IMS_SEC_FREE;
	sip_hop_drop(&set->hop, ECONNABORTED);
}


static void drop_new(struct ims_reg *reg)
{
	drop(reg, find(reg, IMS_SEC_OFFERED));
	drop(reg, find(reg, IMS_SEC_TEMPORARY));
}


/* Has the set no more use, but for what is under way on it? */
static bool is_going(struct ims_reg *reg, enum ims_sec_state state)
{
	if (!find(reg, state))
		return false;

	/* TS 24.229 5.1.1.6: a new set only where nobody is about to use it */
	if (state == IMS_SEC_OFFERED || state == IMS_SEC_TEMPORARY)
		return reg->info.state == IMS_REG_IDLE;

	/* TS 24.229 5.1.1.2.1: after the first message over the new set */
	return reg->sec.ending || (state == IMS_SEC_OLD && reg->sec.heard);
}


static void tidy(struct ims_reg *reg, enum ims_sec_state state)
{
	struct ims_sec_set *set = find(reg, state);

	/* 5.1.1.2.1, 5.1.1.7: after the transactions on it have ended */
	if (is_going(reg, state) && !sip_hop_is_busy(&set->hop))
		drop(reg, set);
}


static void timer_h(void *arg);


/* When there is something to do next */
static void schedule(struct ims_reg *reg)
{
	struct ue_timers *ts = &reg->ue->timers;
	uint64_t next = ipsec_next_ms(&reg->ue->ipsec);

	if (((reg->sec.ending && ims_sec_is_open(reg)) ||
	     is_going(reg, IMS_SEC_OLD)) && next > ts->now_ms + TIDY_MS)
		next = ts->now_ms + TIDY_MS;

	if (next == UINT64_MAX)
		ue_timer_cancel(ts, &reg->sec.timer);
	else
		ue_timer_start(ts, &reg->sec.timer,
			       next > ts->now_ms ? next - ts->now_ms : 0,
			       timer_h, reg);
}


static void expire(struct ims_reg *reg, enum ipsec_state state)
{
	++reg->sec.stats.expired;

	drop(reg, find(reg, state == IPSEC_TEMPORARY ? IMS_SEC_TEMPORARY :
		       state == IPSEC_CURRENT ? IMS_SEC_CURRENT :
		       IMS_SEC_OLD));
}


static void timer_h(void *arg)
{
	struct ims_reg *reg = arg;
	enum ipsec_state state;
	unsigned i;

	while (ipsec_expired(&state, &reg->ue->ipsec,
			     reg->ue->timers.now_ms))
		expire(reg, state);

	for (i = IMS_SEC_OFFERED; i <= IMS_SEC_OLD; i++)
		tidy(reg, (enum ims_sec_state)i);
	schedule(reg);
}


static void hop_h(struct sip_hop *hop, enum sip_hop_event event, int err,
		  void *arg)
{
	struct ims_reg *reg = arg;
	const struct ims_sec_set *cur = find(reg, IMS_SEC_CURRENT);

	/* a temporary set fails with its REGISTER, an old one in silence */
	if (!cur || hop != &cur->hop)
		return;

	if (event == SIP_HOP_HEARD) {
		reg->sec.heard = true;
		tidy(reg, IMS_SEC_OLD);
		schedule(reg);
		return;
	}

	reg_flow_h(hop, event, err, reg);
}


/* ------------------------------------------------------------------ */
/* Offer */


/* TS 33.203 7.1: ready on port_us before the protected REGISTER leaves.  The
   P-CSCF's ports are not known yet: those of the hop over which the REGISTER
   goes stand in for them */
static int open_set(struct ims_reg *reg, struct ims_sec_set *set,
		    const struct sip_hop *via)
{
	struct sip_hop_params prm = via->prm;

	prm.local = via->sent_by;
	prm.local.port = set->ue.port_us;
	prm.port_uc = set->ue.port_uc;
	prm.port_pc = 0;
	prm.protect = true;
	prm.register_only = true;

	return sip_hop_open(&set->hop, &reg->ue->sip, &prm, hop_h, reg);
}


static int offer(struct ims_reg *reg, const struct sip_hop *via)
{
	struct ipsec *db = &reg->ue->ipsec;
	struct ims_sec_set *set;
	unsigned i;
	int err = EADDRINUSE;

	drop_new(reg);
	set = find(reg, IMS_SEC_FREE);

	reg->sec.offered = sec_pairs_usable(reg);
	if (!reg->sec.offered)
		return ENOTSUP;

	for (i = 0; i < OFFER_TRIES && err == EADDRINUSE; i++) {

		/* port_us stays while there is a set */
		if (i && !ims_sec_is_open(reg))
			ipsec_flush(db);

		err = ipsec_offer(&set->ue, db);
		if (!err)
			err = open_set(reg, set, via);
	}

	if (err)
		return err;

	set->state = IMS_SEC_OFFERED;
	++reg->sec.stats.offers;

	return 0;
}


int ims_sec_begin(struct ims_reg *reg, enum ims_sec_register kind)
{
	struct ims_sec_set *set;
	struct sip_hop *hop = &reg->hop;
	int err = 0;

	if (!wanted(reg))
		goto out;

	if (kind == IMS_SEC_ANSWER) {
		set = find(reg, IMS_SEC_TEMPORARY);
		if (!set)
			return ENOTCONN;
		hop = &set->hop;

		/* registered already: what the P-CSCF sends over it after the
		   200 may come before the 200, over TCP never again */
		hop->prm.register_only = !find(reg, IMS_SEC_CURRENT);
		goto out;
	}

	/* TS 24.229 5.1.1.5.3: over the existing set, if there is one */
	set = find(reg, IMS_SEC_CURRENT);
	if (set && (kind == IMS_SEC_REFRESH ||
		    (kind == IMS_SEC_REJECT && !reg->sec.ending)))
		hop = &set->hop;
	else if (kind == IMS_SEC_REFRESH)
		return ENOTCONN;

	err = offer(reg, hop);

 out:
	if (err)
		return err;

	reg->sec.used = hop;
	reg->info.local = hop->sent_by;

	return 0;
}


/* ------------------------------------------------------------------ */
/* Header fields */


/* RFC 3329 s2.3.1 */
static void write_require(struct sip_writer *w)
{
	sip_writer_hdr(w, SIP_HDR_REQUIRE, "sec-agree");
	sip_writer_hdr(w, SIP_HDR_PROXY_REQUIRE, "sec-agree");
}


void ims_sec_write_register(struct ims_reg *reg, struct sip_writer *w,
			    enum ims_sec_register kind)
{
	const struct ims_sec_set *set = find(reg, IMS_SEC_TEMPORARY);

	if (!wanted(reg))
		return;

	if (!set)
		set = find(reg, IMS_SEC_OFFERED);

	write_require(w);
	if (set)
		sec_write_client(w, reg, &set->ue);
	if (ims_sec_is_protected(reg))
		sec_write_verify(w, kind == IMS_SEC_ANSWER ? reg->sec.server
				 : reg->sec.verify);
}


void ims_sec_write_request(struct ims_reg *reg, struct sip_writer *w)
{
	if (!wanted(reg) || !find(reg, IMS_SEC_CURRENT))
		return;

	write_require(w);
	sec_write_verify(w, reg->sec.verify);
}


/* ------------------------------------------------------------------ */
/* 401, 494 */


int ims_sec_challenge(struct ims_reg *reg, const struct sip_msg *msg)
{
	struct ims_sec_set *set = find(reg, IMS_SEC_OFFERED);
	int err;

	if (!wanted(reg))
		return 0;

	/* challenged again, over the temporary set */
	if (!set)
		set = find(reg, IMS_SEC_TEMPORARY);

	err = set ? sec_server_keep(reg->sec.server, msg) : ENOENT;
	if (!err)
		err = sec_server_choose(&reg->sec.choice, msg,
					reg->sec.offered, &set->ue);
	if (!err)
		return 0;

	++reg->sec.stats.unusable;

	return err == EOVERFLOW ? err : EPROTO;
}


bool ims_sec_can_agree(struct ims_reg *reg, const struct sip_msg *msg)
{
	struct ims_sec_choice choice;

	return wanted(reg) && !sec_server_choose(&choice, msg,
						 sec_pairs_usable(reg), NULL);
}


static void address(struct ipsec_addr *dst, const struct ue_addr *src)
{
	dst->family = src->family;
	memcpy(dst->ip, src->ip, sizeof(dst->ip));
}


static int install(struct ims_reg *reg, struct ipsec_params *prm)
{
	const struct ue_port *port = reg->ue->port;
	struct ipsec_keys keys;
	int err;

	err = ipsec_add(NULL, &reg->ue->ipsec, prm, reg->ue->timers.now_ms);
	if (err)
		return err;

	err = ipsec_keys_expand(&keys, prm->alg, prm->ealg, prm->ck, prm->ik);
	if (!err)
		err = port->ipsec_install(port->arg, prm, &keys);
	mbedtls_platform_zeroize(&keys, sizeof(keys));

	if (err)
		ipsec_delete(&reg->ue->ipsec, IPSEC_TEMPORARY);

	return err;
}


/* RFC 3261 s18.1.1: what ESP adds must fit as well */
static size_t udp_max(const struct ims_reg *reg,
		      const struct ims_sec_choice *c)
{
	const size_t room = reg->ue->sip.cfg.udp_max + UDP_HEADER;

	return ipsec_payload_max(c->alg, c->ealg, room) - UDP_HEADER;
}


int ims_sec_establish(struct ims_reg *reg, const struct ue_usim_res *res)
{
	struct ims_sec_set *set = find(reg, IMS_SEC_OFFERED);
	const struct ims_sec_choice *c = &reg->sec.choice;
	struct ipsec_params prm;
	int err;

	if (!wanted(reg))
		return 0;

	if (!set)
		set = find(reg, IMS_SEC_TEMPORARY);
	if (!set)
		return ENOTCONN;

	/* TS 33.203 7.3.1: an older challenge is void */
	uninstall(reg, set);
	set->state = IMS_SEC_OFFERED;

	memset(&prm, 0, sizeof(prm));
	prm.alg  = c->alg;
	prm.ealg = c->ealg;
	address(&prm.local, &set->hop.sent_by);
	address(&prm.remote, &set->hop.prm.peer);
	prm.ue = set->ue;
	prm.spi_pc = c->spi_pc;
	prm.spi_ps = c->spi_ps;
	prm.port_pc = c->port_pc;
	prm.port_ps = c->port_ps;
	memcpy(prm.ck, res->ck, sizeof(prm.ck));
	memcpy(prm.ik, res->ik, sizeof(prm.ik));

	err = install(reg, &prm);
	mbedtls_platform_zeroize(&prm, sizeof(prm));
	if (err)
		return err;

	set->installed = true;
	set->state = IMS_SEC_TEMPORARY;
	set->alg  = (uint8_t)c->alg;
	set->ealg = (uint8_t)c->ealg;
	set->spi_pc = c->spi_pc;
	set->spi_ps = c->spi_ps;
	sip_hop_set_ports(&set->hop, c->port_ps, c->port_pc);
	set->hop.prm.udp_max = udp_max(reg, c);
	++reg->sec.stats.installed;
	schedule(reg);

	/* TS 24.229 8.1.1: not before there are associations */
	return reg_open_comp(reg, &set->hop);
}


/* ------------------------------------------------------------------ */
/* 200 */


static void report(struct ims_reg *reg, const struct ims_sec_set *set)
{
	struct ue_event *ev = ue_event_new(reg->ue, UE_EVENT_SECURITY);
	const struct ipsec_set *s = ipsec_get(&reg->ue->ipsec, IPSEC_CURRENT);
	const struct ipsec_offer *o = &set->ue;
	struct sip_writer w;

	if (s)
		ev->expires_s = reg_ms32((s->expires_ms -
					  reg->ue->timers.now_ms) / 1000);

	sip_writer_init(&w, ev->text, sizeof(ev->text) - 1);
	sip_writer_fmt(&w, "%s/%s", ipsec_alg_name((enum ipsec_alg)set->alg),
		       ipsec_ealg_name((enum ipsec_ealg)set->ealg));
	sip_writer_fmt(&w, " uc %u us %u pc %u ps %u", (uint32_t)o->port_uc,
		       (uint32_t)o->port_us, (uint32_t)set->hop.prm.port_pc,
		       (uint32_t)set->hop.prm.peer.port);
	sip_writer_fmt(&w, " spi-uc %u spi-us %u spi-pc %u spi-ps %u",
		       o->spi_uc, o->spi_us, set->spi_pc, set->spi_ps);
	ev->text[sip_writer_len(&w)] = '\0';
}


/* TS 24.229 5.1.1.2.1, 5.1.1.4.1, TS 33.203 7.4.1: new requests use the new
   set at once; nothing leaves unprotected any more */
static void take_over(struct ims_reg *reg, struct ims_sec_set *tmp,
		      uint32_t expires_s)
{
	struct ims_sec_set *cur = find(reg, IMS_SEC_CURRENT);

	drop(reg, find(reg, IMS_SEC_OLD));
	(void)ipsec_establish(&reg->ue->ipsec, reg->ue->timers.now_ms,
			      expires_s);

	if (cur) {
		sip_hop_keepalive(&cur->hop, UE_TRANSPORT_UDP, 0);
		cur->state = IMS_SEC_OLD;
	}

	reg->sec.heard = false;
	tmp->state = IMS_SEC_CURRENT;
	tmp->hop.prm.register_only = false;
	sip_hop_expect(&tmp->hop);
	sip_hop_close(&reg->hop);
	memcpy(reg->sec.verify, reg->sec.server, sizeof(reg->sec.verify));

	++reg->sec.stats.established;
	report(reg, tmp);
}


void ims_sec_registered(struct ims_reg *reg, uint32_t expires_s)
{
	struct ims_sec_set *set = find(reg, IMS_SEC_TEMPORARY);

	if (!wanted(reg))
		return;

	if (set && reg->sec.used == &set->hop) {
		take_over(reg, set, expires_s);
	}
	else {
		drop_new(reg);
		if (!ipsec_extend(&reg->ue->ipsec, reg->ue->timers.now_ms,
				  expires_s))
			++reg->sec.stats.extended;
	}

	set = find(reg, IMS_SEC_CURRENT);
	if (set) {
		sip_hop_use(&reg->hop, &set->hop);
		reg->info.pcscf = set->hop.prm.peer;
	}

	reg->sec.ending = false;
	schedule(reg);
}


bool ims_sec_is_protected(const struct ims_reg *reg)
{
	return reg->sec.used && reg->sec.used->prm.protect;
}


bool ims_sec_is_safe(const struct ims_reg *reg)
{
	return !wanted(reg) || ims_sec_is_protected(reg);
}


/* ------------------------------------------------------------------ */
/* The end */


void ims_sec_abandon(struct ims_reg *reg)
{
	if (!wanted(reg))
		return;

	drop_new(reg);
	schedule(reg);

	/* TS 24.229 8.1.1: no compartment without associations */
	if (!find(reg, IMS_SEC_CURRENT))
		reg_close_comp(reg);
}


void ims_sec_end(struct ims_reg *reg)
{
	struct ims_sec_set *set = find(reg, IMS_SEC_CURRENT);

	if (!wanted(reg))
		return;

	reg->sec.ending = true;
	sip_hop_use(&reg->hop, NULL);
	if (set)
		sip_hop_keepalive(&set->hop, UE_TRANSPORT_UDP, 0);
	schedule(reg);
}


void ims_sec_close(struct ims_reg *reg)
{
	unsigned i;

	for (i = 0; i < IPSEC_SETS; i++) {
		if (reg->sec.setv[i].state != IMS_SEC_FREE)
			drop(reg, &reg->sec.setv[i]);
	}

	ipsec_flush(&reg->ue->ipsec);
	ue_timer_cancel(&reg->ue->timers, &reg->sec.timer);
	reg->sec.ending = false;
	reg->sec.server[0] = '\0';
	reg->sec.verify[0] = '\0';
}

#endif
