/**
 * @file digest.h  Digest access authentication: RFC 7616, RFC 2617, AKA (RFC
 * 3310, RFC 4169)
 *
 *	err = sip_digest_decode(&dg, &val);             challenge, message.h
 *	err = sip_auth_challenge(&auth, &dg);
 *	err = sip_auth_aka_nonce(rand, autn, &auth);    AKA: ask the card
 *	err = sip_auth_aka(&auth, &username, &usim_res);
 *	or    sip_auth_password(&auth, &username, pw, pw_len);
 *	err = sip_auth_write(w, SIP_HDR_AUTHORIZATION, &auth, &req);
 *	...   2xx:
 *	err = sip_authinfo_decode(&dg, &val);           message.h
 *	err = sip_auth_info(&auth, &dg, ...);
 *
 * The password itself is not kept, only H(A1).  Secrets are wiped from the
 * stack and by sip_auth_close().
 */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H

#include "ue/ue_port.h"
#include "ue/sip/message.h"
#include "ue/sip/writer.h"

struct sip;

/** Algorithms (RFC 7616 3.2, RFC 3310 3.1, RFC 4169 2).  The session
 *  variants are not supported */
enum sip_digest_alg {
	SIP_DIGEST_NONE = 0,    /**< unknown                             */
	SIP_DIGEST_MD5,
	SIP_DIGEST_SHA256,
	SIP_DIGEST_AKAV1_MD5,
	SIP_DIGEST_AKAV1_SHA256,
	SIP_DIGEST_AKAV2_MD5,
	SIP_DIGEST_AKAV2_SHA256
};

/** Quality of protection (RFC 7616 3.4.3) */
enum sip_digest_qop {
	SIP_QOP_NONE = 0,       /**< none: as RFC 2069                   */
	SIP_QOP_AUTH,
	SIP_QOP_AUTH_INT
};

/** Longest hash, octets, and as text with a zero */
#define SIP_DIGEST_HASH_MAX 32
#define SIP_DIGEST_HEX_MAX (2 * SIP_DIGEST_HASH_MAX + 1)

/** Digits of a cnonce of ours */
#define SIP_DIGEST_CNONCE_LEN 16

/** Algorithm of a name, any case; p == NULL: MD5 (RFC 7616 3.3) */
enum sip_digest_alg sip_digest_alg(const struct pl *name);

/** Its name as registered; "" for SIP_DIGEST_NONE */
const char *sip_digest_alg_name(enum sip_digest_alg alg);

/** Is the password made by AKA? */
bool sip_digest_is_aka(enum sip_digest_alg alg);

/**
 * Compute H(A1) (RFC 7616 3.4.2)
 *
 * @param ha1  Result: 2 * hash octets as lower case text, zero-terminated
 * @param alg  Algorithm
 * @param pw   Password, any octets, also zeros; may be NULL when pw_len is 0
 *
 * @return 0; ENOTSUP; EIO the cryptography has failed
 */
int sip_digest_ha1(char ha1[SIP_DIGEST_HEX_MAX], enum sip_digest_alg alg,
		   const struct pl *username, const struct pl *realm,
		   const void *pw, size_t pw_len);

/** What a response is computed from */
struct sip_digest_input {
	enum sip_digest_alg alg;
	enum sip_digest_qop qop;
	const char *ha1;
	struct pl nonce;
	struct pl method;       /**< empty for rspauth (RFC 7616 3.5)    */
	struct pl uri;
	struct pl cnonce;       /**< with a qop                          */
	uint32_t nc;            /**< with a qop                          */
	const void *body;       /**< auth-int: entity body, may be NULL  */
	size_t body_len;
};

/** Compute `response` or `rspauth` (RFC 7616 3.4.1).
 *  @return 0; ENOTSUP; EIO the cryptography has failed */
int sip_digest_response(char res[SIP_DIGEST_HEX_MAX],
			const struct sip_digest_input *in);

/**
 * Password of AKAv2 (RFC 4169 2.1): base64(PRF(RES|IK|CK, ...))
 *
 * @param pw      Result, zero-terminated text of 24 or 44 characters
 * @return Length; 0: alg is no AKAv2, or the cryptography has failed
 */
size_t sip_digest_akav2_password(char pw[48], enum sip_digest_alg alg,
				 const struct ue_usim_res *res);

/**
 * Session keys of AKAv2 (RFC 4169 2.2), for other uses than IPsec
 *
 * @param ik2, ck2  Results, 16 (MD5) or 32 octets
 * @return Their length; 0: alg is no AKAv2, or the cryptography has failed
 */
size_t sip_digest_akav2_keys(uint8_t ik2[SIP_DIGEST_HASH_MAX],
			     uint8_t ck2[SIP_DIGEST_HASH_MAX],
			     enum sip_digest_alg alg, const uint8_t ik[16],
			     const uint8_t ck[16]);

/* ------------------------------------------------------------------ */

/** One protection space: the last challenge and what answers it.  All zero =
 *  none */
struct sip_auth {
	uint8_t alg;            /**< enum sip_digest_alg; 0 = none       */
	uint8_t qop;            /**< enum sip_digest_qop                 */
	bool stale;             /**< the challenge said so: same password,
				 *   new nonce (RFC 7616 3.3)            */
	bool has_opaque;
	bool ready;             /**< ha1 is set                          */
	uint32_t nc;            /**< last nonce count used with nonce    */
	char cnonce[SIP_DIGEST_CNONCE_LEN + 1];
	char ha1[SIP_DIGEST_HEX_MAX];   /**< secret                      */
	char realm[UE_REALM_MAX];
	char nonce[UE_NONCE_MAX];
	char opaque[UE_OPAQUE_MAX];
};

/**
 * Take a challenge
 *
 * Same realm and algorithm with stale=true keep H(A1) where the password is no
 * one-time password; everything else asks for a new one.  Of the qop values
 * auth is preferred.
 *
 * @param auth  Overwritten on success
 * @param ch    A decoded WWW- or Proxy-Authenticate
 *
 * @return 0; ENOTSUP algorithm or qop not supported; EBADMSG no realm or
 *         nonce; EOVERFLOW a value is too long
 */
int sip_auth_challenge(struct sip_auth *auth, const struct sip_digest *ch);

/** RAND and AUTN of an AKA nonce (RFC 3310 3.2): base64 of RAND, AUTN and
 *  server data.  @return 0; EBADMSG; ENOTSUP algorithm without AKA */
int sip_auth_aka_nonce(uint8_t rand[16], uint8_t autn[16],
		       const struct sip_auth *auth);

/** Set the password of a plain algorithm, or the empty password (pw_len 0) of
 *  an AKA re-synchronisation (RFC 3310 3.4).
 *  @return 0; EINVAL no challenge; EIO the cryptography has failed */
int sip_auth_password(struct sip_auth *auth, const struct pl *username,
		      const void *pw, size_t pw_len);

/** Set the password from the card's answer with status UE_USIM_OK.
 *  @return 0; EINVAL no AKA challenge or not OK; EIO as above */
int sip_auth_aka(struct sip_auth *auth, const struct pl *username,
		 const struct ue_usim_res *res);

/** A request to be authenticated */
struct sip_auth_request {
	struct pl username;
	struct pl method;
	struct pl uri;          /**< digest-uri                          */
	const void *body;       /**< auth-int                            */
	size_t body_len;
	const uint8_t *auts;    /**< 14 octets, NULL = none (RFC 3310 3.4) */
};

/**
 * Write Authorization or Proxy-Authorization; raises the nonce count and
 * takes a new cnonce
 *
 * @param w     Writer of the request
 * @param id    SIP_HDR_AUTHORIZATION or SIP_HDR_PROXY_AUTHORIZATION
 * @param auth  With a password
 * @param sip   For random octets
 *
 * @return 0; EINVAL no password; EIO; or the writer's error
 */
int sip_auth_write(struct sip_writer *w, enum sip_hdr_id id,
		   struct sip_auth *auth, struct sip *sip,
		   const struct sip_auth_request *req);

/**
 * Check Authentication-Info (RFC 7616 3.5) of the answer to the last request
 * and take the next nonce where it has one that is not too long
 *
 * @param auth  The same as for the request
 * @param info  Decoded with sip_authinfo_decode()
 * @param uri   digest-uri of the request
 * @param body  auth-int: body of the response
 *
 * @return 0 (also without rspauth); EACCES rspauth, cnonce or nc is wrong:
 *         nothing is taken; EINVAL
 */
int sip_auth_info(struct sip_auth *auth, const struct sip_digest *info,
		  const struct pl *uri, const void *body, size_t body_len);

/** Wipe and forget */
void sip_auth_close(struct sip_auth *auth);

#endif
