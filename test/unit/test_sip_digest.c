/**
 * @file test_sip_digest.c  Digest access authentication
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/aka_digest.h"
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"
#include "ue/sip/digest.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static struct kit k;
static struct sip_auth auth;
static char buf[2000];


static struct pl pl(const char *str)
{
	struct pl p;

	pl_set_str(&p, str);

	return p;
}


/* ha1 and response in one; NULL when it failed */
static const char *respond(struct sip_digest_input *in, const char *username,
			   const char *realm, const void *pw, size_t pw_len)
{
	static char ha1[SIP_DIGEST_HEX_MAX], res[SIP_DIGEST_HEX_MAX];
	const struct pl u = pl(username), r = pl(realm);

	if (sip_digest_ha1(ha1, in->alg, &u, &r, pw, pw_len))
		return "failed";

	in->ha1 = ha1;
	if (sip_digest_response(res, in))
		return "failed";

	return res;
}


static void rfc2617(void)
{
	struct sip_digest_input in;

	memset(&in, 0, sizeof(in));
	in.alg = SIP_DIGEST_MD5;
	in.qop = SIP_QOP_AUTH;
	in.nonce = pl("dcd98b7102dd2f0e8b11d0f600bfb0c093");
	in.method = pl("GET");
	in.uri = pl("/dir/index.html");
	in.cnonce = pl("0a4f113b");
	in.nc = 1;

	CHECK_STR(respond(&in, "Mufasa", "testrealm@host.com",
			  "Circle Of Life", 14),
		  "6629fae49393a05397450978507c4ef1");
}


static void rfc7616(void)
{
	struct sip_digest_input in;

	memset(&in, 0, sizeof(in));
	in.qop = SIP_QOP_AUTH;
	in.nonce = pl("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
	in.method = pl("GET");
	in.uri = pl("/dir/index.html");
	in.cnonce = pl("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
	in.nc = 1;

	in.alg = SIP_DIGEST_MD5;
	CHECK_STR(respond(&in, "Mufasa", "http-auth@example.org",
			  "Circle of Life", 14),
		  "8ca523f5e9506fed4657c9700eebdbec");

	in.alg = SIP_DIGEST_SHA256;
	CHECK_STR(respond(&in, "Mufasa", "http-auth@example.org",
			  "Circle of Life", 14),
		  "753927fa0e85d155564e2e272a28d1802ca10daf449"
		  "6794697cf8db5856cb6c1");
}


static void from_vector(struct sip_digest_input *in,
			const struct aka_digest *v)
{
	memset(in, 0, sizeof(*in));
	in->nonce = pl(v->nonce);
	in->method = pl(v->method);
	in->uri = pl(v->uri);
	in->cnonce = pl(v->cnonce);
	in->nc = v->nc;
}


static void akav1(void)
{
	struct sip_digest_input in;
	unsigned i;

	for (i = 0; i < COUNT(aka_digestv); i++) {

		const struct aka_digest *v = &aka_digestv[i];

		from_vector(&in, v);
		in.alg = SIP_DIGEST_AKAV1_MD5;
		CHECK_STR(respond(&in, v->username, v->realm, v->res, 8),
			  v->v1_no_qop);
		in.qop = SIP_QOP_AUTH;
		CHECK_STR(respond(&in, v->username, v->realm, v->res, 8),
			  v->v1_auth);
		in.qop = SIP_QOP_AUTH_INT;
		CHECK_STR(respond(&in, v->username, v->realm, v->res, 8),
			  v->v1_auth_int);
		in.alg = SIP_DIGEST_AKAV1_SHA256;
		in.qop = SIP_QOP_AUTH;
		CHECK_STR(respond(&in, v->username, v->realm, v->res, 8),
			  v->v1_sha256);
	}
}


static void usim(struct ue_usim_res *res, const struct aka_digest *v)
{
	memset(res, 0, sizeof(*res));
	memcpy(res->res, v->res, 8);
	res->res_len = 8;
	memcpy(res->ck, v->ck, 16);
	memcpy(res->ik, v->ik, 16);
}


/* RFC 4169 s2.2 */
static void akav2(void)
{
	struct sip_digest_input in;
	struct ue_usim_res res;
	uint8_t ik[32], ck[32];
	char pw[48];
	unsigned i;
	size_t n;

	for (i = 0; i < COUNT(aka_digestv); i++) {

		const struct aka_digest *v = &aka_digestv[i];

		from_vector(&in, v);
		usim(&res, v);
		in.qop = SIP_QOP_AUTH;

		in.alg = SIP_DIGEST_AKAV2_MD5;
		n = sip_digest_akav2_password(pw, in.alg, &res);
		CHECK_EQ(n, 24);
		CHECK_STR(pw, v->v2_password);
		CHECK_STR(respond(&in, v->username, v->realm, pw, n),
			  v->v2_auth);

		CHECK_EQ(sip_digest_akav2_keys(ik, ck, in.alg, v->ik, v->ck),
			 16);
		CHECK_MEM(ik, 16, v->ik2, 16);
		CHECK_MEM(ck, 16, v->ck2, 16);

		in.alg = SIP_DIGEST_AKAV2_SHA256;
		n = sip_digest_akav2_password(pw, in.alg, &res);
		CHECK_EQ(n, 44);
		CHECK_STR(pw, v->v2_sha256_password);
		CHECK_STR(respond(&in, v->username, v->realm, pw, n),
			  v->v2_sha256);
		CHECK_EQ(sip_digest_akav2_keys(ik, ck, in.alg, v->ik, v->ck),
			 32);
		CHECK_MEM(ik, 32, v->ik2_sha256, 32);
		CHECK_MEM(ck, 32, v->ck2_sha256, 32);
	}

	CHECK_EQ(sip_digest_akav2_password(pw, SIP_DIGEST_AKAV1_MD5, &res),
		 0);
	CHECK_EQ(sip_digest_akav2_keys(ik, ck, SIP_DIGEST_MD5, res.ik,
				       res.ck), 0);
}


/* RFC 3310 s3.1, RFC 7616 s3.7 */
static void names(void)
{
	static const char *const namev[] = {
		"MD5", "SHA-256", "AKAv1-MD5", "AKAv1-SHA-256", "AKAv2-MD5",
		"AKAv2-SHA-256"
	};
	struct pl p = {NULL, 0};
	char ha1[SIP_DIGEST_HEX_MAX];
	unsigned i;

	CHECK_EQ(sip_digest_alg(&p), SIP_DIGEST_MD5);
	for (i = 0; i < COUNT(namev); i++) {
		p = pl(namev[i]);
		CHECK_EQ(sip_digest_alg(&p), i + 1);
		CHECK_STR(sip_digest_alg_name(sip_digest_alg(&p)), namev[i]);
		CHECK_EQ(sip_digest_is_aka(sip_digest_alg(&p)), i >= 2);
	}

	p = pl("akaV1-md5");
	CHECK_EQ(sip_digest_alg(&p), SIP_DIGEST_AKAV1_MD5);
	p = pl("MD5-sess");
	CHECK_EQ(sip_digest_alg(&p), SIP_DIGEST_NONE);
	p = pl("");
	CHECK_EQ(sip_digest_alg(&p), SIP_DIGEST_NONE);
	CHECK_EQ(sip_digest_ha1(ha1, SIP_DIGEST_NONE, &p, &p, NULL, 0),
		 ENOTSUP);
}


/* A password with zeros and all octets counts to its last one (RES) */
static void raw_password(void)
{
	static const uint8_t a[8] = {0, 1, 2, 0, 4, 5, 6, 0};
	static const uint8_t b[8] = {0, 1, 2, 0, 4, 5, 6, 1};
	const struct pl u = pl("u"), r = pl("r");
	char x[SIP_DIGEST_HEX_MAX], y[SIP_DIGEST_HEX_MAX];

	CHECK_EQ(sip_digest_ha1(x, SIP_DIGEST_AKAV1_MD5, &u, &r, a, 8), 0);
	CHECK_EQ(sip_digest_ha1(y, SIP_DIGEST_AKAV1_MD5, &u, &r, b, 8), 0);
	CHECK(strcmp(x, y) != 0);
	CHECK_EQ(sip_digest_ha1(y, SIP_DIGEST_AKAV1_MD5, &u, &r, a, 7), 0);
	CHECK(strcmp(x, y) != 0);
	/* md5("u:r:" 00 01 02 00 04 05 06 00) */
	CHECK_STR(x, "2ed94e03ec0d4ea804b41af4737b9f1c");
}


static int challenge(const char *val)
{
	struct sip_digest dg;
	struct pl p = pl(val);

	if (sip_digest_decode(&dg, &p))
		return -1;

	return sip_auth_challenge(&auth, &dg);
}


static int write_auth(const char *method, const uint8_t *auts)
{
	struct sip_auth_request req;
	struct sip_writer w;
	int err;

	memset(&req, 0, sizeof(req));
	req.username = pl("bob \"b\"");
	req.method = pl(method);
	req.uri = pl("sip:example.net");
	req.auts = auts;

	sip_writer_init(&w, buf, sizeof(buf) - 1);
	err = sip_auth_write(&w, SIP_HDR_AUTHORIZATION, &auth, &k.sip, &req);
	buf[sip_writer_len(&w)] = '\0';

	return err;
}


static void write_auth_test(void)
{
	const struct pl u = pl("bob \"b\"");
	char want[1000], first[SIP_DIGEST_CNONCE_LEN + 1];
	struct sip_digest_input in;
	unsigned nc;

	kit_init(&k, 0);
	sip_auth_close(&auth);
	CHECK_EQ(write_auth("INVITE", NULL), EINVAL);

	CHECK_EQ(challenge("Digest realm=\"a \\\"r\\\"\", nonce=\"n1\", "
			   "opaque=\"\", qop=\"auth-int, auth,other\", "
			   "algorithm=MD5"), 0);
	CHECK_EQ(write_auth("INVITE", NULL), EINVAL);
	CHECK_EQ(sip_auth_password(&auth, &u, "secret", 6), 0);

	for (nc = 1; nc < 4; nc++) {

		memset(&in, 0, sizeof(in));
		CHECK_EQ(write_auth("INVITE", NULL), 0);
		CHECK_EQ(auth.nc, nc);
		if (nc > 1)
			CHECK(strcmp(first, auth.cnonce) != 0);
		memcpy(first, auth.cnonce, sizeof(first));

		/* the values as they stand between the quotes are hashed,
		   the user name without its quoting */
		in.alg = SIP_DIGEST_MD5;
		in.qop = SIP_QOP_AUTH;
		in.nonce = pl("n1");
		in.method = pl("INVITE");
		in.uri = pl("sip:example.net");
		in.cnonce = pl(auth.cnonce);
		in.nc = nc;

		snprintf(want, sizeof(want),
			 "Authorization: Digest username=\"bob \\\"b\\\"\","
			 "realm=\"a \\\"r\\\"\",nonce=\"n1\","
			 "uri=\"sip:example.net\",response=\"%s\","
			 "algorithm=MD5,qop=auth,nc=0000000%u,cnonce=\"%s\","
			 "opaque=\"\"\r\n",
			 respond(&in, "bob \"b\"", "a \\\"r\\\"", "secret",
				 6), nc, auth.cnonce);
		CHECK_STR(buf, want);
	}

	/* a new nonce begins at 1 (RFC 7616 s3.4) */
	CHECK_EQ(challenge("Digest realm=\"a \\\"r\\\"\", nonce=\"n2\", "
			   "qop=\"auth\", stale=TRUE"), 0);
	CHECK_EQ(write_auth("INVITE", NULL), 0);
	CHECK_EQ(auth.nc, 1);
	CHECK(strstr(buf, "nonce=\"n2\"") != NULL);
	CHECK(strstr(buf, "opaque") == NULL);
}


static void stale(void)
{
	const struct pl u = pl("bob");

	kit_init(&k, 0);
	sip_auth_close(&auth);
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n1\""), 0);
	CHECK(!auth.stale);
	CHECK_EQ(sip_auth_password(&auth, &u, "pw", 2), 0);

	/* RFC 7616 s3.3: stale keeps the password, but only there */
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n2\", stale=true"),
		 0);
	CHECK(auth.stale && auth.ready);
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n3\", stale=false"),
		 0);
	CHECK(!auth.stale && !auth.ready);

	CHECK_EQ(sip_auth_password(&auth, &u, "pw", 2), 0);
	CHECK_EQ(challenge("Digest realm=\"q\", nonce=\"n4\", stale=true"),
		 0);
	CHECK(!auth.ready);
	CHECK_EQ(sip_auth_password(&auth, &u, "pw", 2), 0);
	CHECK_EQ(challenge("Digest realm=\"q\", nonce=\"n4\", stale=true, "
			   "algorithm=SHA-256"), 0);
	CHECK(!auth.ready);

	/* AKA: each nonce has its own RES */
	CHECK_EQ(challenge("Digest realm=\"q\", nonce=\"n5\", "
			   "algorithm=AKAv1-MD5"), 0);
	CHECK_EQ(sip_auth_password(&auth, &u, "pw", 2), 0);
	CHECK_EQ(challenge("Digest realm=\"q\", nonce=\"n6\", stale=true, "
			   "algorithm=AKAv1-MD5"), 0);
	CHECK(!auth.ready);
}


static void bad_challenge(void)
{
	char val[600], fill[400];

	sip_auth_close(&auth);
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"keep\""), 0);

	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n\", "
			   "algorithm=MD5-sess"), ENOTSUP);
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n\", "
			   "qop=\"token\""), ENOTSUP);
	CHECK_EQ(challenge("Digest realm=\"r\""), EBADMSG);
	CHECK_EQ(challenge("Digest nonce=\"n\""), EBADMSG);

	memset(fill, 'x', sizeof(fill));
	fill[UE_NONCE_MAX] = '\0';
	snprintf(val, sizeof(val), "Digest realm=\"r\", nonce=\"%s\"", fill);
	CHECK_EQ(challenge(val), EOVERFLOW);
	fill[UE_NONCE_MAX] = 'x';
	fill[UE_REALM_MAX] = '\0';
	snprintf(val, sizeof(val), "Digest realm=\"%s\", nonce=\"n\"", fill);
	CHECK_EQ(challenge(val), EOVERFLOW);
	fill[UE_REALM_MAX] = 'x';
	fill[UE_OPAQUE_MAX] = '\0';
	snprintf(val, sizeof(val),
		 "Digest realm=\"r\", nonce=\"n\", opaque=\"%s\"", fill);
	CHECK_EQ(challenge(val), EOVERFLOW);

	/* one octet shorter fits */
	fill[UE_OPAQUE_MAX - 1] = '\0';
	CHECK_STR(auth.nonce, "keep");
	snprintf(val, sizeof(val),
		 "Digest realm=\"r\", nonce=\"n\", opaque=\"%s\"", fill);
	CHECK_EQ(challenge(val), 0);

	/* only auth-int is offered */
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n\", "
			   "qop=\"auth-int\""), 0);
	CHECK_EQ(auth.qop, SIP_QOP_AUTH_INT);
}


static void aka_flow(void)
{
	struct ue_usim_res res;
	uint8_t rand[16], autn[16];
	unsigned i;

	kit_init(&k, 0);
	sip_auth_close(&auth);

	for (i = 0; i < COUNT(aka_digestv); i++) {

		const struct aka_digest *v = &aka_digestv[i];
		const struct pl u = pl(v->username);
		char val[500];

		snprintf(val, sizeof(val), "Digest realm=\"%s\", "
			 "nonce=\"%s\", algorithm=AKAv1-MD5", v->realm,
			 v->nonce);
		CHECK_EQ(challenge(val), 0);
		CHECK_EQ(sip_auth_aka_nonce(rand, autn, &auth), 0);
		CHECK_MEM(rand, 16, v->rand, 16);
		CHECK_MEM(autn, 16, v->autn, 16);

		usim(&res, v);
		res.status = UE_USIM_MAC_FAILURE;
		CHECK_EQ(sip_auth_aka(&auth, &u, &res), EINVAL);
		res.status = UE_USIM_OK;
		CHECK_EQ(sip_auth_aka(&auth, &u, &res), 0);

		/* without qop the response needs no cnonce: the vector's
		   value must come out, with its own user and method */
		struct sip_auth_request req;
		struct sip_writer w;
		char want[60];

		memset(&req, 0, sizeof(req));
		req.username = u;
		req.method = pl(v->method);
		req.uri = pl(v->uri);
		sip_writer_init(&w, buf, sizeof(buf) - 1);
		CHECK_EQ(sip_auth_write(&w, SIP_HDR_AUTHORIZATION, &auth,
					&k.sip, &req), 0);
		buf[sip_writer_len(&w)] = '\0';
		snprintf(want, sizeof(want), "response=\"%s\"",
			 v->v1_no_qop);
		CHECK(strstr(buf, want) != NULL);
		CHECK(strstr(buf, "algorithm=AKAv1-MD5") != NULL);
		CHECK(strstr(buf, "auts") == NULL);
		CHECK(strstr(buf, "cnonce") == NULL);

		/* RFC 3310 s3.4: sync failure: empty password and auts */
		CHECK_EQ(sip_auth_password(&auth, &u, NULL, 0), 0);
		req.auts = v->auts;
		sip_writer_init(&w, buf, sizeof(buf) - 1);
		CHECK_EQ(sip_auth_write(&w, SIP_HDR_AUTHORIZATION, &auth,
					&k.sip, &req), 0);
		buf[sip_writer_len(&w)] = '\0';
		snprintf(want, sizeof(want), "response=\"%s\"",
			 v->sync_no_qop);
		CHECK(strstr(buf, want) != NULL);
		snprintf(want, sizeof(want), ",auts=\"%s\"", v->auts_b64);
		CHECK(strstr(buf, want) != NULL);
	}
}


static void akav2_flow(void)
{
	static const char *const algv[] = {"AKAv2-MD5", "AKAv2-SHA-256"};
	struct ue_usim_res res;
	struct sip_digest_input in;
	char val[500], pw[48];
	unsigned i, n;

	kit_init(&k, 0);
	for (i = 0; i < COUNT(aka_digestv); i++) {
		for (n = 0; n < 2; n++) {

			const struct aka_digest *v = &aka_digestv[i];
			const struct pl u = pl(v->username);

			usim(&res, v);
			snprintf(val, sizeof(val), "Digest realm=\"%s\", "
				 "nonce=\"%s\", qop=\"auth\", algorithm=%s",
				 v->realm, v->nonce, algv[n]);
			CHECK_EQ(challenge(val), 0);
			CHECK_EQ(sip_auth_aka(&auth, &u, &res), 0);
			snprintf(pw, sizeof(pw), "%s",
				 n ? v->v2_sha256_password : v->v2_password);
			memset(&in, 0, sizeof(in));
			in.alg = auth.alg;
			(void)respond(&in, v->username, v->realm, pw,
				      strlen(pw));
			CHECK_STR(auth.ha1, in.ha1);
		}
	}

	/* a card that says too much */
	res.res_len = 17;
	CHECK_EQ(sip_auth_aka(&auth, &in.uri, &res), EINVAL);
}


static void aka_bad_nonce(void)
{
	uint8_t rand[16], autn[16];

	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"abcd\", "
			   "algorithm=AKAv1-MD5"), 0);
	CHECK_EQ(sip_auth_aka_nonce(rand, autn, &auth), EBADMSG);
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"\", "
			   "algorithm=AKAv1-MD5"), 0);
	CHECK_EQ(sip_auth_aka_nonce(rand, autn, &auth), EBADMSG);
	/* long enough, but no base64 */
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"*AAAAAAAAAAAAAAAAAAA"
			   "AAAAAAAAAAAAAAAAAAAAAAAA\", "
			   "algorithm=AKAv1-MD5"), 0);
	CHECK_EQ(sip_auth_aka_nonce(rand, autn, &auth), EBADMSG);
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"abcd\""), 0);
	CHECK_EQ(sip_auth_aka_nonce(rand, autn, &auth), ENOTSUP);
}


static int info(const char *val)
{
	struct sip_digest dg;
	const struct pl p = pl(val), uri = pl("sip:example.net");

	if (sip_authinfo_decode(&dg, &p))
		return -1;

	return sip_auth_info(&auth, &dg, &uri, NULL, 0);
}


/* RFC 3310 s3.5 */
static void rspauth(void)
{
	const struct pl u = pl("bob \"b\"");
	struct sip_digest_input in;
	char good[SIP_DIGEST_HEX_MAX], val[400];

	kit_init(&k, 0);
	sip_auth_close(&auth);
	CHECK_EQ(info("nextnonce=\"n\""), EINVAL);
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", "
			   "algorithm=SHA-256"), 0);
	CHECK_EQ(sip_auth_password(&auth, &u, "pw", 2), 0);
	CHECK_EQ(write_auth("REGISTER", NULL), 0);

	/* RFC 7616 s3.5: A2 is ":" uri */
	memset(&in, 0, sizeof(in));
	in.alg = SIP_DIGEST_SHA256;
	in.qop = SIP_QOP_AUTH;
	in.nonce = pl("n1");
	in.uri = pl("sip:example.net");
	in.cnonce = pl(auth.cnonce);
	in.nc = 1;
	snprintf(good, sizeof(good), "%s",
		 respond(&in, "bob \"b\"", "r", "pw", 2));

	snprintf(val, sizeof(val), "rspauth=\"%s\",qop=auth,nc=00000001,"
		 "cnonce=\"%s\"", good, auth.cnonce);
	CHECK_EQ(info(val), 0);
	CHECK_STR(auth.nonce, "n1");

	/* wrong in one digit, too short, of another request: nothing is
	   taken, not even the next nonce */
	good[5] = good[5] == '0' ? '1' : '0';
	snprintf(val, sizeof(val), "rspauth=\"%s\",qop=auth,nextnonce=\"x\"",
		 good);
	CHECK_EQ(info(val), EACCES);
	good[5] = '\0';
	snprintf(val, sizeof(val), "rspauth=\"%s\",nextnonce=\"x\"", good);
	CHECK_EQ(info(val), EACCES);
	CHECK_EQ(info("rspauth=\"\",nextnonce=\"x\""), EACCES);
	snprintf(good, sizeof(good), "%s",
		 respond(&in, "bob \"b\"", "r", "pw", 2));
	snprintf(val, sizeof(val), "rspauth=\"%s\",nc=00000002", good);
	CHECK_EQ(info(val), EACCES);
	snprintf(val, sizeof(val), "rspauth=\"%s\",cnonce=\"other\"", good);
	CHECK_EQ(info(val), EACCES);
	CHECK_STR(auth.nonce, "n1");

	CHECK_EQ(info("nextnonce=\"n2\""), 0);
	CHECK_STR(auth.nonce, "n2");
	CHECK_EQ(write_auth("REGISTER", NULL), 0);
	CHECK_EQ(auth.nc, 1);
}


static void wiped(void)
{
	struct sip_auth zero;
	const struct pl u = pl("bob");

	memset(&zero, 0, sizeof(zero));
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n\""), 0);
	CHECK_EQ(sip_auth_password(&auth, &u, "pw", 2), 0);
	sip_auth_close(&auth);
	CHECK_MEM(&auth, sizeof(auth), &zero, sizeof(zero));
}


static void no_room(void)
{
	const struct pl u = pl("bob");
	struct sip_auth_request req;
	struct sip_writer w;

	kit_init(&k, 0);
	sip_auth_close(&auth);
	CHECK_EQ(challenge("Digest realm=\"r\", nonce=\"n\", qop=\"auth\""),
		 0);
	CHECK_EQ(sip_auth_password(&auth, &u, "pw", 2), 0);
	memset(&req, 0, sizeof(req));
	req.username = u;
	req.method = pl("OPTIONS");
	req.uri = pl("sip:x");
	sip_writer_init(&w, buf, 60);
	CHECK_EQ(sip_auth_write(&w, SIP_HDR_AUTHORIZATION, &auth, &k.sip,
				&req), EOVERFLOW);

	k.random_err = EIO;
	sip_writer_init(&w, buf, sizeof(buf));
	CHECK_EQ(sip_auth_write(&w, SIP_HDR_AUTHORIZATION, &auth, &k.sip,
				&req), EIO);
}


const struct test_case suite_sip_digest[] = {
	{"RFC 2617 s3.5: the example's response", rfc2617},
	{"RFC 7616 s3.9.1: the example's responses, MD5 and SHA-256",
	 rfc7616},
	{"RFC 3310 s3.3: responses of 19 Milenage sets, no qop, auth, "
	 "auth-int", akav1},
	{"RFC 4169 s2: password, session keys, responses, MD5 and SHA-256",
	 akav2},
	{"RFC 7616 s3.3: algorithm names, no name is MD5", names},
	{"RFC 3310 s3.3: RES counts with its zeros", raw_password},
	{"RFC 7616 s3.4: credentials, nonce count, quoting",
	 write_auth_test},
	{"RFC 7616 s3.3: stale keeps the password of the same realm", stale},
	{"a challenge that cannot be answered changes nothing",
	 bad_challenge},
	{"RFC 3310 s3: nonce to RAND and AUTN, RES and AUTS to the header",
	 aka_flow},
	{"RFC 4169 s2.1: from challenge and card to H(A1)", akav2_flow},
	{"RFC 3310 s3.2: a nonce without RAND and AUTN is refused",
	 aka_bad_nonce},
	{"RFC 7616 s3.5: rspauth is checked before nextnonce is taken",
	 rspauth},
	{"closing wipes everything", wiped},
	{"no room, no random octets: told", no_room},
	{NULL, NULL}
};
