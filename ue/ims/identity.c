/**
 * @file identity.c  Identities of the UE (TS 24.229 5.1.1.1A, Annex C.2)
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "ue/ims/identity.h"
#include "ue/ims/text.h"
#include "ue/sip/message.h"

#define NV_UUID "uuid"

static const char hexdigit[] = "0123456789abcdef";


/* Not isdigit(): its answer depends on the locale */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}


static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}


/* Number of digits, 0 when there is anything else */
static size_t digits(const char *str)
{
	size_t n = 0;

	while (is_digit(str[n]))
		++n;

	return str[n] ? 0 : n;
}


/* ------------------------------------------------------------------ */
/* Form */


bool ims_home_valid(const char *home)
{
	size_t i;

	if (!home || !home[0] || home[0] == '.')
		return false;

	for (i = 0; home[i]; i++) {
		if (!is_alnum(home[i]) && home[i] != '.' && home[i] != '-')
			return false;
	}

	return i < UE_URI_MAX - sizeof("sip:");
}


/* TS 23.003 13.3: a NAI, user@realm */
bool ims_impi_valid(const char *impi)
{
	const char *at;
	const char *p;

	if (!impi || strlen(impi) >= UE_URI_MAX)
		return false;

	at = strchr(impi, '@');
	if (!at || at == impi)
		return false;

	for (p = impi; p < at; p++) {
		if (*p <= ' ' || *p > '~' || strchr("\"\\<>,;:()[]", *p))
			return false;
	}

	return ims_home_valid(at + 1);
}


/* TS 24.229 5.1.1.2.1: REGISTER carries a SIP URI */
bool ims_impu_valid(const char *impu)
{
	const struct pl pl = ims_pl(impu);
	struct sip_uri uri;

	return impu && pl.l < UE_URI_MAX && !sip_uri_decode(&uri, &pl) &&
		uri.scheme == SIP_SCHEME_SIP && !uri.headers.l;
}


/* ------------------------------------------------------------------ */
/* Derivation */


static char *append(char *p, const char *str, size_t len)
{
	memcpy(p, str, len);
	p[len] = '\0';

	return p + len;
}


int ims_identity_derive(struct ue_identity *card)
{
	static const char net[] = ".3gppnetwork.org";
	const size_t mnc_len = card->mnc_len;
	const char *imsi = card->imsi;
	size_t len;
	char *p;

	if (!memchr(imsi, '\0', sizeof(card->imsi)))
		return EINVAL;

	len = digits(imsi);
	if ((mnc_len != 2 && mnc_len != 3) || len < 6)
		return EINVAL;

	/* TS 23.003 13.2: a 2-digit MNC gets a leading 0 */
	p = append(card->domain, "ims.mnc", 7);
	if (mnc_len == 2)
		*p++ = '0';
	p = append(p, imsi + 3, mnc_len);
	p = append(p, ".mcc", 4);
	p = append(p, imsi, 3);
	append(p, net, sizeof(net) - 1);

	/* TS 23.003 13.3 */
	p = append(card->impi, imsi, len);
	p = append(p, "@", 1);
	append(p, card->domain, strlen(card->domain));

	/* TS 23.003 13.4B: temporary public identity */
	p = append(card->impu, "sip:", 4);
	append(p, card->impi, strlen(card->impi));

	return 0;
}


/* ------------------------------------------------------------------ */
/* Instance identifier */


int ims_instance_imei(char instance[IMS_INSTANCE_MAX], const char *imei)
{
	const size_t n = digits(imei);
	char *p;

	if (n < 14 || n > 16)
		return EINVAL;

	/* RFC 7254 s4.2: tac "-" snr "-" spare */
	p = append(instance, "urn:gsma:imei:", 14);
	p = append(p, imei, 8);
	p = append(p, "-", 1);
	p = append(p, imei + 8, 6);
	append(p, "-0", 2);

	return 0;
}


void ims_instance_uuid(char instance[IMS_INSTANCE_MAX],
		       const uint8_t rnd[16])
{
	char *p = append(instance, "urn:uuid:", 9);
	unsigned i;

	for (i = 0; i < 16; i++) {

		uint8_t v = rnd[i];

		/* RFC 4122 s4.4: version 4, variant 10x */
		if (i == 6)
			v = (uint8_t)((v & 0x0f) | 0x40);
		else if (i == 8)
			v = (uint8_t)((v & 0x3f) | 0x80);

		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hexdigit[v >> 4];
		*p++ = hexdigit[v & 15];
	}

	*p = '\0';
}


/* RFC 5626 s4.1: the same after each power-on.  Memory that cannot be
   written costs only this; what cannot be read now is still there */
static int instance_uuid(char instance[IMS_INSTANCE_MAX],
			 const struct ue_port *port)
{
	uint8_t rnd[16];
	size_t len = sizeof(rnd);
	int err = ENOENT;

	/* as long as we run: what is no urn:gsma:imei: */
	if (instance[0] && instance[4] == 'u')
		return 0;

	if (port->nv_read)
		err = port->nv_read(port->arg, NV_UUID, rnd, &len);
	if (err && err != ENOENT && err != EOVERFLOW)
		return EIO;

	if (err || len != sizeof(rnd)) {

		if (port->random(port->arg, rnd, sizeof(rnd)))
			return EIO;

		if (port->nv_write)
			(void)port->nv_write(port->arg, NV_UUID, rnd,
					     sizeof(rnd));
	}

	ims_instance_uuid(instance, rnd);

	return 0;
}


static int find_instance(struct ims_identity *id, const char *imei,
			 const struct ue_port *port, const char **why)
{
	if (!imei && id->card.imei[0])
		imei = id->card.imei;

	if (!imei) {
		*why = "no instance identifier";
		return instance_uuid(id->instance, port);
	}

	*why = "imei: 14 to 16 digits expected";

	return ims_instance_imei(id->instance, imei);
}


/* ------------------------------------------------------------------ */


/* A port that forgets the terminating zero must not hurt */
static bool terminated(const struct ue_identity *card)
{
	return memchr(card->impi, '\0', sizeof(card->impi)) &&
		memchr(card->impu, '\0', sizeof(card->impu)) &&
		memchr(card->domain, '\0', sizeof(card->domain)) &&
		memchr(card->imsi, '\0', sizeof(card->imsi)) &&
		memchr(card->imei, '\0', sizeof(card->imei));
}


static enum ims_identity_source read_card(struct ue_identity *card,
					  const struct ue_port *port)
{
	memset(card, 0, sizeof(*card));

	if (!port->usim_identity || port->usim_identity(port->arg, card) ||
	    !terminated(card)) {
		memset(card, 0, sizeof(*card));
		return IMS_IDENTITY_SET;
	}

	/* TS 24.229 5.1.1.1A: with an ISIM it is always the one used */
	if (card->impi[0] && card->impu[0] && card->domain[0])
		return IMS_IDENTITY_ISIM;

	/* TS 24.229 C.2 */
	if (!ims_identity_derive(card))
		return IMS_IDENTITY_IMSI;

	return IMS_IDENTITY_SET;
}


static int check(const struct ims_identity *id, const char **why)
{
	*why = "no private identity (impi): neither set nor on the card";
	if (!id->impi[0])
		return ENOENT;

	*why = "no public identity (impu): neither set nor on the card";
	if (!id->impu[0])
		return ENOENT;

	*why = "no home domain (home): neither set nor on the card";
	if (!id->home[0])
		return ENOENT;

	*why = "impi: user@realm expected";
	if (!ims_impi_valid(id->impi))
		return EINVAL;

	*why = "impu: a SIP URI expected";
	if (!ims_impu_valid(id->impu))
		return EINVAL;

	*why = "home: a domain name expected";
	if (!ims_home_valid(id->home))
		return EINVAL;

	return 0;
}


int ims_identity_get(struct ims_identity *id,
		     const struct ims_identity_set *set,
		     const struct ue_port *port, const char **why)
{
	const char *reason = "";
	int err;

	id->source = read_card(&id->card, port);

	id->impi = set->impi ? set->impi : id->card.impi;
	id->impu = set->impu ? set->impu : id->card.impu;
	id->home = set->home ? set->home : id->card.domain;
	if (set->impi && set->impu && set->home)
		id->source = IMS_IDENTITY_SET;

	err = check(id, &reason);
	if (!err) {
		memcpy(id->home_uri, "sip:", 4);
		memcpy(id->home_uri + 4, id->home, strlen(id->home) + 1);
	}
	if (!err)
		err = find_instance(id, set->imei, port, &reason);

	if (err) {
		/* all but the instance identifier */
		memset(id, 0, offsetof(struct ims_identity, instance));
		memset(&id->source, 0, sizeof(*id) -
		       offsetof(struct ims_identity, source));
		if (why)
			*why = reason;
	}

	return err;
}
