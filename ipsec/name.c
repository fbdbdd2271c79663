/**
 * @file ipsec/name.c  Names of algorithms (TS 33.203 annex H) and reasons
 */
#include <errno.h>
#include <string.h>
#include "ipsec/ipsec.h"

#define N(v) (sizeof(v) / sizeof((v)[0]))


/* In the order of enum ipsec_alg and enum ipsec_ealg */
static const char * const algv[] = {
	"null", "hmac-md5-96", "hmac-sha-1-96", "aes-gmac"
};
static const char * const ealgv[] = {
	"null", "des-ede3-cbc", "aes-cbc", "aes-gcm"
};

/* In the order of enum ipsec_drop */
static const char * const dropv[IPSEC_DROP_N] = {
	"none", "malformed", "fragment", "crypto", "no-policy-sa", "seq-end",
	"too-long", "clear", "no-sa", "length", "replay", "icv", "padding",
	"dummy", "selector"
};


const char *ipsec_alg_name(enum ipsec_alg alg)
{
	return (unsigned)alg < N(algv) ? algv[alg] : "";
}


const char *ipsec_ealg_name(enum ipsec_ealg ealg)
{
	return (unsigned)ealg < N(ealgv) ? ealgv[ealg] : "";
}


const char *ipsec_drop_name(enum ipsec_drop drop)
{
	return (unsigned)drop < N(dropv) ? dropv[drop] : "?";
}


static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}


static bool equal(const char *name, const char *p, size_t len)
{
	size_t i;

	if (strlen(name) != len)
		return false;

	for (i = 0; i < len; i++) {
		if (lower(p[i]) != name[i])
			return false;
	}

	return true;
}


int ipsec_alg_decode(enum ipsec_alg *algp, const char *name, size_t len)
{
	unsigned i;

	for (i = 0; i < N(algv); i++) {
		if (equal(algv[i], name, len)) {
			*algp = (enum ipsec_alg)i;
			return 0;
		}
	}

	return ENOENT;
}


int ipsec_ealg_decode(enum ipsec_ealg *ealgp, const char *name, size_t len)
{
	unsigned i;

	for (i = 0; i < N(ealgv); i++) {
		if (equal(ealgv[i], name, len)) {
			*ealgp = (enum ipsec_ealg)i;
			return 0;
		}
	}

	return ENOENT;
}
