/**
 * @file esp_xfrm.c  ESP of the Linux kernel by netlink (XFRM)
 *
 * A protected port has two policies: what leaves it and what reaches it
 * must be ESP of ours, from and to any peer.  A set has four states, each for
 * its own addresses and ports.  Both carry a reqid made from a mark and the
 * process number: all with the number of this process are removed at the end,
 * those of processes that are no more at the next start.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/xfrm.h>
#include <mbedtls/platform_util.h>
#include "ports/linux/linux_port.h"
#include "ue/ue_addr.h"


/** Upper octet of a reqid of ours; a process number has 22 bits */
#define REQID_MARK 0x75000000u
#define REQID_PID  0x00ffffffu

/** In front of other policies of the host, a tunnel for everything say */
#define PRIORITY 1

/** RFC 4303 s3.4.3: 64 is preferred */
#define WINDOW 64

#define DUMP (NLM_F_ROOT | NLM_F_MATCH)


/** What the kernel is told of an association */
struct state {
	struct ipsec_addr src;
	struct ipsec_addr dst;
	uint16_t sport;
	uint16_t dport;
	uint32_t spi;
	bool in;
};


static uint16_t family_of(uint8_t family)
{
	return family == 6 ? AF_INET6 : AF_INET;
}


static void address(xfrm_address_t *a, uint8_t family, const uint8_t ip[16])
{
	memset(a, 0, sizeof(*a));
	memcpy(a, ip, family == 6 ? 16 : 4);
}


static void state_of(struct state *st, const struct ipsec_params *prm,
		     enum ipsec_sa_nr nr)
{
	const struct state statev[] = {
		[IPSEC_SA_UC_PS] = {prm->local, prm->remote, prm->ue.port_uc,
				    prm->port_ps, prm->spi_ps, false},
		[IPSEC_SA_PS_UC] = {prm->remote, prm->local, prm->port_ps,
				    prm->ue.port_uc, prm->ue.spi_uc, true},
		[IPSEC_SA_PC_US] = {prm->remote, prm->local, prm->port_pc,
				    prm->ue.port_us, prm->ue.spi_us, true},
		[IPSEC_SA_US_PC] = {prm->local, prm->remote, prm->ue.port_us,
				    prm->port_pc, prm->spi_pc, false},
	};

	*st = statev[nr];
}


/* ---- states ---- */


static void forever(struct xfrm_lifetime_cfg *lft)
{
	memset(lft, 0, sizeof(*lft));
	lft->soft_byte_limit   = XFRM_INF;
	lft->hard_byte_limit   = XFRM_INF;
	lft->soft_packet_limit = XFRM_INF;
	lft->hard_packet_limit = XFRM_INF;
}


/** An algorithm: name, bits of the key, two kinds of them with the bits of
 *  the ICV, key */
static void add_alg(struct netlink *nl, uint16_t type, const char *name,
		    const uint8_t *key, size_t len, unsigned icv)
{
	union {
		struct xfrm_algo alg;
		struct xfrm_algo_auth auth;
		struct xfrm_algo_aead aead;
		uint8_t buf[sizeof(struct xfrm_algo_auth) + 24];
	} u;
	size_t head = sizeof(u.alg);

	memset(&u, 0, sizeof(u));
	(void)strcpy(u.alg.alg_name, name);
	u.alg.alg_key_len = (unsigned)len * 8;
	if (type == XFRMA_ALG_AUTH_TRUNC) {
		head = sizeof(u.auth);
		u.auth.alg_trunc_len = icv;
	}
	else if (type == XFRMA_ALG_AEAD) {
		head = sizeof(u.aead);
		u.aead.alg_icv_len = icv;
	}
	if (len)
		memcpy(u.buf + head, key, len);

	netlink_attr(nl, type, &u, head + len);
	mbedtls_platform_zeroize(&u, sizeof(u));
}


/** TS 33.203 annex H in the kernel's words */
static void add_algs(struct netlink *nl, const struct ipsec_params *prm,
		     const struct ipsec_keys *keys)
{
	static const char *const encv[] = {
		[IPSEC_EALG_NULL]         = "ecb(cipher_null)",
		[IPSEC_EALG_DES_EDE3_CBC] = "cbc(des3_ede)",
		[IPSEC_EALG_AES_CBC]      = "cbc(aes)",
	};

	if (prm->ealg == IPSEC_EALG_AES_GCM) {
		add_alg(nl, XFRMA_ALG_AEAD, "rfc4106(gcm(aes))", keys->enc,
			keys->enc_len, 128);
	}
	else if (prm->alg == IPSEC_ALG_AES_GMAC) {
		add_alg(nl, XFRMA_ALG_AEAD, "rfc4543(gcm(aes))", keys->auth,
			keys->auth_len, 128);
	}
	else {
		add_alg(nl, XFRMA_ALG_AUTH_TRUNC,
			prm->alg == IPSEC_ALG_HMAC_MD5_96
			? "hmac(md5)" : "hmac(sha1)", keys->auth,
			keys->auth_len, 96);
		add_alg(nl, XFRMA_ALG_CRYPT, encv[prm->ealg], keys->enc,
			keys->enc_len, 0);
	}
}


static int state_add(struct esp_xfrm *x, const struct state *st,
		     const struct ipsec_params *prm,
		     const struct ipsec_keys *keys)
{
	union {
		struct xfrm_replay_state_esn esn;
		uint8_t buf[sizeof(struct xfrm_replay_state_esn) +
			    WINDOW / 8];
	} replay;
	struct xfrm_usersa_info sa;
	const uint8_t family = st->src.family;

	memset(&sa, 0, sizeof(sa));
	sa.family = family_of(family);
	address(&sa.saddr, family, st->src.ip);
	address(&sa.id.daddr, family, st->dst.ip);
	sa.id.spi   = htonl(st->spi);
	sa.id.proto = IPPROTO_ESP;
	sa.mode     = XFRM_MODE_TRANSPORT;
	sa.reqid    = x->reqid;
	forever(&sa.lft);

	/* TS 33.203 s7.1: addresses and ports, any transport protocol */
	sa.sel.family = sa.family;
	sa.sel.saddr  = sa.saddr;
	sa.sel.daddr  = sa.id.daddr;
	sa.sel.prefixlen_s = sa.sel.prefixlen_d = family == 6 ? 128 : 32;
	sa.sel.sport  = htons(st->sport);
	sa.sel.dport  = htons(st->dport);
	sa.sel.sport_mask = sa.sel.dport_mask = 0xffff;
	sa.sel.proto  = prm->proto;

	netlink_begin(&x->nl, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL, &sa,
		      sizeof(sa));
	add_algs(&x->nl, prm, keys);

	memset(&replay, 0, sizeof(replay));
	replay.esn.bmp_len       = WINDOW / 32;
	replay.esn.replay_window = WINDOW;
	netlink_attr(&x->nl, XFRMA_REPLAY_ESN_VAL, &replay, sizeof(replay));

	return netlink_talk(&x->nl, NULL, NULL);
}


static void state_id(struct xfrm_usersa_id *id, const struct state *st)
{
	memset(id, 0, sizeof(*id));
	id->family = family_of(st->dst.family);
	address(&id->daddr, st->dst.family, st->dst.ip);
	id->spi   = htonl(st->spi);
	id->proto = IPPROTO_ESP;
}


static void state_delete(struct esp_xfrm *x, const struct state *st)
{
	struct xfrm_usersa_id id;

	state_id(&id, st);
	netlink_begin(&x->nl, XFRM_MSG_DELSA, 0, &id, sizeof(id));
	(void)netlink_talk(&x->nl, NULL, NULL);
}


/** The kernel's counters of one state */
static void on_state(const struct nlmsghdr *msg, void *arg)
{
	const struct xfrm_usersa_info *sa = NLMSG_DATA(msg);

	if (msg->nlmsg_type == XFRM_MSG_NEWSA &&
	    msg->nlmsg_len >= NLMSG_LENGTH(sizeof(*sa)))
		*(struct xfrm_usersa_info *)arg = *sa;
}


static void state_count(struct esp_xfrm *x, struct ipsec_stats *stats,
			const struct ipsec_params *prm)
{
	struct xfrm_usersa_info sa;
	struct xfrm_usersa_id id;
	struct state st;

	for (unsigned nr = 0; nr < IPSEC_SA_N; nr++) {

		state_of(&st, prm, (enum ipsec_sa_nr)nr);
		state_id(&id, &st);
		memset(&sa, 0, sizeof(sa));
		netlink_begin(&x->nl, XFRM_MSG_GETSA, 0, &id, sizeof(id));
		if (netlink_talk(&x->nl, on_state, &sa))
			continue;

		stats->dropv[IPSEC_DROP_REPLAY] += sa.stats.replay;
		stats->dropv[IPSEC_DROP_ICV] += sa.stats.integrity_failed;
		if (st.in)
			stats->in_protected += (uint32_t)sa.curlft.packets;
		else
			stats->out_protected += (uint32_t)sa.curlft.packets;
	}
}


/* ---- policies ---- */


static void port_selector(struct xfrm_selector *sel,
			  const struct ue_addr *local, uint8_t dir)
{
	const uint8_t bits = local->family == 6 ? 128 : 32;

	memset(sel, 0, sizeof(*sel));
	sel->family = family_of(local->family);

	if (dir == XFRM_POLICY_OUT) {
		address(&sel->saddr, local->family, local->ip);
		sel->prefixlen_s = bits;
		sel->sport       = htons(local->port);
		sel->sport_mask  = 0xffff;
	}
	else {
		address(&sel->daddr, local->family, local->ip);
		sel->prefixlen_d = bits;
		sel->dport       = htons(local->port);
		sel->dport_mask  = 0xffff;
	}
}


static int policy_add(struct esp_xfrm *x, const struct ue_addr *local,
		      uint8_t dir)
{
	struct xfrm_userpolicy_info pol;
	struct xfrm_user_tmpl tmpl;

	memset(&pol, 0, sizeof(pol));
	port_selector(&pol.sel, local, dir);
	forever(&pol.lft);
	pol.priority = PRIORITY;
	pol.dir      = dir;
	pol.action   = XFRM_POLICY_ALLOW;

	memset(&tmpl, 0, sizeof(tmpl));
	tmpl.id.proto = IPPROTO_ESP;
	tmpl.family   = pol.sel.family;
	tmpl.reqid    = x->reqid;
	tmpl.mode     = XFRM_MODE_TRANSPORT;
	tmpl.aalgos = tmpl.ealgos = tmpl.calgos = UINT32_MAX;

	/* UPDPOLICY: also when it is there */
	netlink_begin(&x->nl, XFRM_MSG_UPDPOLICY, 0, &pol, sizeof(pol));
	netlink_attr(&x->nl, XFRMA_TMPL, &tmpl, sizeof(tmpl));

	return netlink_talk(&x->nl, NULL, NULL);
}


static void policy_delete(struct esp_xfrm *x,
			  const struct xfrm_selector *sel, uint8_t dir)
{
	struct xfrm_userpolicy_id id;

	memset(&id, 0, sizeof(id));
	id.sel = *sel;
	id.dir = dir;
	netlink_begin(&x->nl, XFRM_MSG_DELPOLICY, 0, &id, sizeof(id));
	(void)netlink_talk(&x->nl, NULL, NULL);
}


/** For a datagram without a socket the kernel sends an ICMP error that repeats
 *  it, and no policy takes that for ours. So where the UE has no socket of UDP
 *  there is one that takes nothing; where it has, bind() fails */
static void mute_begin(struct esp_guard *guard)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog prog = {1, &nothing};
	static const int on = 1;
	struct sockaddr_storage ss;
	const socklen_t len = linux_sockaddr_set(&ss, &guard->local);
	int fd;

	if (guard->muted)
		return;

	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (guard->local.family == 6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
				 sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
		       sizeof(prog)) ||
	    bind(fd, (struct sockaddr *)&ss, len)) {
		(void)close(fd);
		return;
	}

	guard->muted = true;
	guard->mute  = fd;
}


static void mute_end(struct esp_guard *guard)
{
	if (guard->muted)
		(void)close(guard->mute);
	guard->muted = false;
}


static void mute(struct esp_guard *guard, enum ue_flow_kind kind)
{
	if (kind == UE_FLOW_DATAGRAM)
		mute_end(guard);
	else
		mute_begin(guard);
}


static void guard_end(struct esp_xfrm *x, struct esp_guard *guard)
{
	static const uint8_t dirv[] = {XFRM_POLICY_OUT, XFRM_POLICY_IN};
	struct xfrm_selector sel;

	if (!guard->local.family)
		return;

	mute_end(guard);
	for (unsigned i = 0; i < 2; i++) {
		port_selector(&sel, &guard->local, dirv[i]);
		policy_delete(x, &sel, dirv[i]);
	}
	memset(guard, 0, sizeof(*guard));
}


static struct esp_guard *guard_find(struct esp_xfrm *x,
				    const struct ue_addr *local)
{
	for (unsigned i = 0; i < ESP_GUARDS; i++) {
		if (ue_addr_equal(&x->guardv[i].local, local))
			return &x->guardv[i];
	}

	return NULL;
}


/** A free one, else the oldest without a socket */
static struct esp_guard *guard_new(struct esp_xfrm *x)
{
	for (unsigned i = 0; i < ESP_GUARDS; i++) {

		const unsigned pos = (x->guard_pos + i) % ESP_GUARDS;

		if (x->guardv[pos].users)
			continue;

		x->guard_pos = (pos + 1) % ESP_GUARDS;
		guard_end(x, &x->guardv[pos]);

		return &x->guardv[pos];
	}

	return NULL;
}


/** Policies for a port, before a socket is bound to it */
int esp_xfrm_protect(struct esp_xfrm *x, const struct ue_addr *local,
		     enum ue_flow_kind kind)
{
	struct esp_guard *guard = guard_find(x, local);
	int err;

	if (guard) {
		++guard->users;
		mute(guard, kind);
		return 0;
	}

	guard = guard_new(x);
	if (!guard)
		return ENOMEM;

	guard->local = *local;
	err = policy_add(x, local, XFRM_POLICY_OUT);
	if (!err)
		err = policy_add(x, local, XFRM_POLICY_IN);
	if (err) {
		guard_end(x, guard);
		return err;
	}
	guard->users = 1;
	mute(guard, kind);

	return 0;
}


/** The policies stay until their place is needed */
void esp_xfrm_release(struct esp_xfrm *x, const struct ue_addr *local,
		      enum ue_flow_kind kind)
{
	struct esp_guard *guard = guard_find(x, local);

	if (!guard || !guard->users)
		return;

	--guard->users;
	if (kind == UE_FLOW_DATAGRAM)
		mute_begin(guard);
}


/* ---- what an earlier process has left ---- */


/** What is looked for in a dump, and the last one found */
struct stale {
	bool found;
	struct xfrm_usersa_id sa;
	struct xfrm_selector sel;
	uint8_t dir;
};


static bool is_stale(uint32_t reqid)
{
	const pid_t pid = (pid_t)(reqid & REQID_PID);

	if ((reqid & ~REQID_PID) != REQID_MARK || pid == 0)
		return false;

	return pid == getpid() || (kill(pid, 0) && errno == ESRCH);
}


static void on_stale_state(const struct nlmsghdr *msg, void *arg)
{
	const struct xfrm_usersa_info *sa = NLMSG_DATA(msg);
	struct stale *stale = arg;

	if (msg->nlmsg_len < NLMSG_LENGTH(sizeof(*sa)) ||
	    !is_stale(sa->reqid))
		return;

	stale->found     = true;
	stale->sa.daddr  = sa->id.daddr;
	stale->sa.spi    = sa->id.spi;
	stale->sa.family = sa->family;
	stale->sa.proto  = sa->id.proto;
}


static void on_stale_policy(const struct nlmsghdr *msg, void *arg)
{
	const struct xfrm_userpolicy_info *pol = NLMSG_DATA(msg);
	const struct xfrm_user_tmpl *tmpl;
	struct stale *stale = arg;

	if (msg->nlmsg_len < NLMSG_LENGTH(sizeof(*pol)))
		return;

	tmpl = netlink_find(msg, sizeof(*pol), XFRMA_TMPL, sizeof(*tmpl));
	if (!tmpl || !is_stale(tmpl->reqid))
		return;

	stale->found = true;
	stale->sel   = pol->sel;
	stale->dir   = pol->dir;
}


/** Remove states and policies of processes that are no more.  A dump must not
 *  be disturbed, so one is removed for each */
static int remove_stale(struct esp_xfrm *x)
{
	const struct xfrm_usersa_id any = {.proto = 0};
	const struct xfrm_userpolicy_id anypol = {.index = 0};
	struct stale stale;
	int err;

	do {
		memset(&stale, 0, sizeof(stale));
		netlink_begin(&x->nl, XFRM_MSG_GETSA, DUMP, &any,
			      sizeof(any));
		err = netlink_talk(&x->nl, on_stale_state, &stale);
		if (err)
			return err;
		if (stale.found) {
			netlink_begin(&x->nl, XFRM_MSG_DELSA, 0, &stale.sa,
				      sizeof(stale.sa));
			err = netlink_talk(&x->nl, NULL, NULL);
		}
	} while (stale.found && !err);

	while (!err) {
		memset(&stale, 0, sizeof(stale));
		netlink_begin(&x->nl, XFRM_MSG_GETPOLICY, DUMP, &anypol,
			      sizeof(anypol));
		err = netlink_talk(&x->nl, on_stale_policy, &stale);
		if (err || !stale.found)
			break;
		policy_delete(x, &stale.sel, stale.dir);
	}

	return err;
}


/* ---- life ---- */


static unsigned pair_bit(enum ipsec_alg alg, enum ipsec_ealg ealg)
{
	return 1u << ((unsigned)alg * 4 + (unsigned)ealg);
}


bool esp_xfrm_pair(const struct esp_xfrm *x, enum ipsec_alg alg,
		   enum ipsec_ealg ealg)
{
	return x->pairs & pair_bit(alg, ealg);
}


/** What the kernel can do is found out by doing it, with a state that nothing
 *  will match.  @return the last errno if it can do nothing */
static int probe(struct esp_xfrm *x)
{
	/* distinct octets: the kernel refuses 3DES keys with equal parts */
	struct ipsec_params prm = {
		.ck = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	};
	struct state st = {.src = {4, {192, 0, 0, 8}},
			   .dst = {4, {192, 0, 0, 8}}};
	struct ipsec_keys keys;
	int e, err = ENOTSUP;

	st.spi = x->reqid;
	for (unsigned i = 0; i < 16; i++) {

		prm.alg  = (enum ipsec_alg)(i / 4);
		prm.ealg = (enum ipsec_ealg)(i % 4);
		if (ipsec_keys_expand(&keys, prm.alg, prm.ealg, prm.ck,
				      prm.ik))
			continue;

		e = state_add(x, &st, &prm, &keys);
		if (e) {
			err = e;
			continue;
		}
		state_delete(x, &st);
		x->pairs |= pair_bit(prm.alg, prm.ealg);
	}

	return x->pairs ? 0 : err;
}


/**
 * @return 0; EPERM; EPROTONOSUPPORT the kernel has no XFRM or no ESP, or
 *         another errno; then *what says which step it was
 */
int esp_xfrm_open(struct esp_xfrm *x, const char **what)
{
	int err;

	memset(x, 0, sizeof(*x));
	x->reqid = REQID_MARK | ((uint32_t)getpid() & REQID_PID);

	*what = "XFRM netlink socket";
	err = netlink_open(&x->nl, NETLINK_XFRM);
	if (err)
		return err;

	*what = "what an earlier process left in XFRM";
	err = remove_stale(x);
	if (err)
		goto out;

	*what = "ESP of the kernel";
	err = probe(x);

 out:
	if (err)
		netlink_close(&x->nl);

	return err;
}


/** Remove all that is ours */
void esp_xfrm_close(struct esp_xfrm *x)
{
	for (unsigned i = 0; i < IPSEC_SETS; i++) {
		if (x->setv[i].local.family)
			esp_xfrm_remove(x, &x->setv[i].ue);
	}
	for (unsigned i = 0; i < ESP_GUARDS; i++)
		guard_end(x, &x->guardv[i]);

	netlink_close(&x->nl);
}


/* ---- sets ---- */


/** A P-CSCF that uses an SPI again, as after a restart, has given up the set
 *  in which it had it; the kernel has only one state for it */
static bool spi_again(const struct ipsec_params *old,
		      const struct ipsec_params *prm)
{
	return old->remote.family == prm->remote.family &&
		!memcmp(old->remote.ip, prm->remote.ip,
			sizeof(prm->remote.ip)) &&
		(old->spi_pc == prm->spi_pc || old->spi_pc == prm->spi_ps ||
		 old->spi_ps == prm->spi_pc || old->spi_ps == prm->spi_ps);
}


int esp_xfrm_install(struct esp_xfrm *x, const struct ipsec_params *prm,
		     const struct ipsec_keys *keys)
{
	struct ipsec_params *set = NULL;
	struct state st;
	unsigned i, nr;
	int err;

	for (i = 0; i < IPSEC_SETS; i++) {
		if (spi_again(&x->setv[i], prm))
			esp_xfrm_remove(x, &x->setv[i].ue);
		if (!x->setv[i].local.family)
			set = &x->setv[i];
	}
	if (!set)
		return ENOMEM;

	for (nr = 0; nr < IPSEC_SA_N; nr++) {
		state_of(&st, prm, (enum ipsec_sa_nr)nr);
		err = state_add(x, &st, prm, keys);
		if (err)
			goto out;
	}

	*set = *prm;
	mbedtls_platform_zeroize(set->ck, sizeof(set->ck));
	mbedtls_platform_zeroize(set->ik, sizeof(set->ik));

	return 0;

 out:
	while (nr--) {
		state_of(&st, prm, (enum ipsec_sa_nr)nr);
		state_delete(x, &st);
	}

	return err;
}


void esp_xfrm_remove(struct esp_xfrm *x, const struct ipsec_offer *ue)
{
	struct state st;

	for (unsigned i = 0; i < IPSEC_SETS; i++) {

		struct ipsec_params *set = &x->setv[i];

		if (!set->local.family || set->ue.spi_uc != ue->spi_uc ||
		    set->ue.spi_us != ue->spi_us)
			continue;

		state_count(x, &x->gone, set);
		for (unsigned nr = 0; nr < IPSEC_SA_N; nr++) {
			state_of(&st, set, (enum ipsec_sa_nr)nr);
			state_delete(x, &st);
		}
		memset(set, 0, sizeof(*set));
	}
}


void esp_xfrm_stats(struct esp_xfrm *x, struct ipsec_stats *stats)
{
	*stats = x->gone;
	for (unsigned i = 0; i < IPSEC_SETS; i++) {
		if (x->setv[i].local.family)
			state_count(x, stats, &x->setv[i]);
	}
}
