/**
 * @file net_auth.c  The registrar's side of AKA and Digest, written apart
 * from the UE's (RFC 3310, RFC 2617, TS 33.102 6.3)
 */
#include <stdio.h>
#include <string.h>
#include <mbedtls/md5.h>
#include "ports/common/milenage.h"
#include "test/sim/net.h"

static const char b64[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


static void b64_write(char *out, const uint8_t *in, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 3) {

		const uint32_t v = (uint32_t)in[i] << 16 |
			(i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0) |
			(i + 2 < len ? in[i + 2] : 0);

		*out++ = b64[v >> 18];
		*out++ = b64[v >> 12 & 63];
		*out++ = i + 1 < len ? b64[v >> 6 & 63] : '=';
		*out++ = i + 2 < len ? b64[v & 63] : '=';
	}

	*out = '\0';
}


static size_t b64_read(uint8_t *out, size_t size, const struct pl *in)
{
	uint32_t v = 0;
	size_t i, n = 0;
	unsigned bits = 0;

	for (i = 0; i < in->l && in->p[i] != '='; i++) {

		const char *p = strchr(b64, in->p[i]);

		if (!p || !in->p[i])
			return 0;

		v = v << 6 | (uint32_t)(p - b64);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			if (n == size)
				return 0;
			out[n++] = (uint8_t)(v >> bits);
		}
	}

	return n;
}


static void sqn_octets(uint8_t sqn[6], uint64_t v)
{
	unsigned i;

	for (i = 0; i < 6; i++)
		sqn[i] = (uint8_t)(v >> (40 - 8 * i));
}


void net_auth_challenge(struct net *net, enum net_act bad)
{
	static const uint8_t amf[2] = {0x80, 0x00};
	struct milenage m;
	uint8_t v[32], sqn[6];
	unsigned i;

	for (i = 0; i < 16; i++)
		net->rand[i] = (uint8_t)sim_rand(net->sim);

	/* TS 33.102 C.1.1.3: a number that was used, or the next one */
	if (bad == NET_OLD_SQN)
		sqn_octets(sqn, 0);
	else
		sqn_octets(sqn, net->sqn += 33);

	(void)milenage_f1(&m, sim_k, sim_opc, net->rand, sqn, amf);
	(void)milenage_f2345(&m, sim_k, sim_opc, net->rand);
	memcpy(net->res, m.res, 8);
	memcpy(net->ck, m.ck, sizeof(net->ck));
	memcpy(net->ik, m.ik, sizeof(net->ik));

	memcpy(v, net->rand, 16);
	for (i = 0; i < 6; i++)
		v[16 + i] = sqn[i] ^ m.ak[i];
	memcpy(v + 22, amf, 2);
	memcpy(v + 24, m.mac_a, 8);
	if (bad == NET_BAD_MAC)
		v[31] ^= 1;

	b64_write(net->nonce, v, sizeof(v));
	net->challenged = true;
	net->fresh = true;
	net->nc = 0;
	++net->challenges;
}


/* ------------------------------------------------------------------ */
/* Digest */


struct hash {
	mbedtls_md5_context c;
};


static void hash_start(struct hash *h)
{
	mbedtls_md5_init(&h->c);
	(void)mbedtls_md5_starts_ret(&h->c);
}


static void hash_add(struct hash *h, const void *p, size_t len)
{
	if (len)
		(void)mbedtls_md5_update_ret(&h->c, p, len);
}


static void hash_pl(struct hash *h, const struct pl *pl)
{
	hash_add(h, pl->p, pl->l);
}


static void hash_str(struct hash *h, const char *str)
{
	hash_add(h, str, strlen(str));
}


static void hash_end(char hex[33], struct hash *h)
{
	uint8_t d[16];
	unsigned i;

	(void)mbedtls_md5_finish_ret(&h->c, d);
	for (i = 0; i < 16; i++)
		(void)sprintf(hex + 2 * i, "%02x", d[i]);
}


static void digest(char hex[33], const struct sip_digest *dg,
		   const char *method, const uint8_t *pw, size_t pw_len)
{
	struct hash h;
	char a1[33], a2[33];

	hash_start(&h);
	hash_pl(&h, &dg->username);
	hash_str(&h, ":");
	hash_pl(&h, &dg->realm);
	hash_str(&h, ":");
	hash_add(&h, pw, pw_len);
	hash_end(a1, &h);

	hash_start(&h);
	hash_str(&h, method);
	hash_str(&h, ":");
	hash_pl(&h, &dg->uri);
	hash_end(a2, &h);

	hash_start(&h);
	hash_str(&h, a1);
	hash_str(&h, ":");
	hash_pl(&h, &dg->nonce);
	if (dg->qop.p) {
		hash_str(&h, ":");
		hash_pl(&h, &dg->nc);
		hash_str(&h, ":");
		hash_pl(&h, &dg->cnonce);
		hash_str(&h, ":");
		hash_pl(&h, &dg->qop);
	}
	hash_str(&h, ":");
	hash_str(&h, a2);
	hash_end(hex, &h);
}


/* TS 33.102 6.3.3: AUTS = (SQN_MS xor AK*) || MAC-S, with AMF* = 0 */
static bool auts_ok(struct net *net, const struct pl *text)
{
	static const uint8_t amf[2] = {0, 0};
	struct milenage m;
	uint8_t auts[14], sqn[6];
	uint64_t v = 0;
	unsigned i;

	if (b64_read(auts, sizeof(auts), text) != sizeof(auts))
		return false;

	(void)milenage_f2345(&m, sim_k, sim_opc, net->rand);
	for (i = 0; i < 6; i++) {
		sqn[i] = auts[i] ^ m.ak_s[i];
		v = v << 8 | sqn[i];
	}

	(void)milenage_f1(&m, sim_k, sim_opc, net->rand, sqn, amf);
	if (memcmp(m.mac_s, auts + 6, 8))
		return false;

	net->sqn = v;
	++net->resyncs;

	return true;
}


/* RFC 7616 s3.4: a nonce count that does not rise is a replay */
static bool nc_ok(struct net *net, const struct sip_digest *dg)
{
	uint32_t nc = 0;
	size_t i;

	if (!net->qop)
		return !dg->qop.p;

	if (!dg->qop.p || dg->nc.l != 8 || !dg->cnonce.l)
		return false;

	for (i = 0; i < 8; i++) {

		const char *hex = "0123456789abcdef";
		const char *p = strchr(hex, dg->nc.p[i]);

		if (!p || !*p)
			return false;
		nc = nc << 4 | (uint32_t)(p - hex);
	}

	if (nc <= net->nc)
		return false;

	net->nc = nc;

	return true;
}


enum net_auth net_auth_check(struct net *net, const struct sip_msg *msg)
{
	struct sip_digest dg;
	struct pl val;
	char hex[33];

	if (!net->challenged ||
	    sip_msg_hdr(&val, msg, SIP_HDR_AUTHORIZATION) ||
	    sip_digest_decode(&dg, &val) || !dg.nonce.l ||
	    pl_strcmp(&dg.nonce, net->nonce))
		return NET_AUTH_NONE;

	if (dg.auts.p)
		return auts_ok(net, &dg.auts) ? NET_AUTH_RESYNC
			: NET_AUTH_WRONG;

	if (!dg.response.l)
		return NET_AUTH_EMPTY;

	if (pl_strcmp(&dg.username, SIM_IMPI) ||
	    pl_strcmp(&dg.realm, SIM_HOME) ||
	    pl_strcmp(&dg.uri, "sip:" SIM_HOME) || !nc_ok(net, &dg))
		return NET_AUTH_WRONG;

	digest(hex, &dg, "REGISTER", net->res, sizeof(net->res));

	return pl_strcmp(&dg.response, hex) ? NET_AUTH_WRONG : NET_AUTH_OK;
}


void net_auth_info(char *buf, size_t size, const struct net *net,
		   const struct sip_msg *msg)
{
	struct sip_digest dg;
	struct pl val;
	char hex[33];

	buf[0] = '\0';
	if (sip_msg_hdr(&val, msg, SIP_HDR_AUTHORIZATION) ||
	    sip_digest_decode(&dg, &val) || !dg.qop.p)
		return;

	/* RFC 2617 s3.2.3: A2 without the method */
	digest(hex, &dg, "", net->res, sizeof(net->res));
	(void)snprintf(buf, size, "qop=auth,rspauth=\"%s\",cnonce=\"%.*s\","
		       "nc=%.*s", hex, (int)dg.cnonce.l, dg.cnonce.p,
		       (int)dg.nc.l, dg.nc.p);
}
