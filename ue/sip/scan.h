/**
 * @file scan.h  Character level of the SIP grammar (RFC 3261 s25.1); private
 *               to ue/sip
 *
 * A scanner takes the position p and the end of the text and returns the
 * position behind what it read, or NULL where the text does not fit.  No
 * scanner reads at or behind end.  Folded lines are already unfolded: white
 * space is SP and HTAB only.
 */
#ifndef SIP_SCAN_H
#define SIP_SCAN_H

#include "ue/sip/message.h"
#include "ue/ue_hex.h"

/** Character classes; a character may be in several */
enum {
	SIP_C_TOKEN  = 0x01,    /* token                                    */
	SIP_C_WORD   = 0x02,    /* word (Call-ID)                           */
	SIP_C_USER   = 0x04,    /* unreserved / user-unreserved             */
	SIP_C_PARAM  = 0x08,    /* unreserved / param-unreserved            */
	SIP_C_HNV    = 0x10,    /* unreserved / hnv-unreserved              */
	SIP_C_URIC   = 0x20,    /* reserved / unreserved, [ ] for IPv6 hosts */
	SIP_C_QDTEXT = 0x40,    /* LWS / qdtext                             */
	SIP_C_LABEL  = 0x80     /* alphanum / "-": labels of host names     */
};

extern const uint8_t sip_cclass[256];

static inline bool sip_is(char c, unsigned mask)
{
	return (sip_cclass[(unsigned char)c] & mask) != 0;
}


static inline bool sip_is_digit(char c)
{
	return c >= '0' && c <= '9';
}


static inline bool sip_is_alpha(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}


static inline bool sip_is_sp(char c)
{
	return c == ' ' || c == '\t';
}


/** Text between two positions */
static inline void sip_set(struct pl *pl, const char *p, const char *end)
{
	pl->p = p;
	pl->l = (size_t)(end - p);
}


/** Behind a text, also when there is none */
static inline const char *sip_end(const struct pl *pl)
{
	return pl->l ? pl->p + pl->l : pl->p;
}


const char *sip_skip(const char *p, const char *end, unsigned mask);
const char *sip_skip_text(const char *p, const char *end);
const char *sip_skip_esc(const char *p, const char *end, unsigned mask);
const char *sip_skip_sws(const char *p, const char *end);
const char *sip_skip_digits(const char *p, const char *end);
const char *sip_token(const char *p, const char *end);
const char *sip_separator(const char *p, const char *end, char c);
const char *sip_quoted(const char *p, const char *end);

/* host.c */
const char *sip_host(struct pl *host, uint8_t *type, const char *p,
		     const char *end);
const char *sip_hostport(struct pl *host, uint8_t *type, uint16_t *port,
			 const char *p, const char *end);
const char *sip_ipv6(const char *p, const char *end);
void sip_ipv6_bytes(uint8_t addr[16], const struct pl *host);

/* params.c */
const char *sip_gen_value(struct sip_param *prm, const char *p,
			  const char *end);
const char *sip_gen_param(struct sip_param *prm, const char *p,
			  const char *end);
const char *sip_gen_params(struct pl *params, const char *p,
			   const char *end);
bool sip_same(const char *a, const char *b, size_t len);
bool sip_is_word(const struct pl *pl, const char *str);

/** sip_is_word() for a string constant where it happens often */
#define SIP_IS(pl, str) ((pl)->l == sizeof(str) - 1 &&			\
			 sip_same((pl)->p, (str), sizeof(str) - 1))


bool sip_list_more(const char **p, const char *end);
const char *sip_list_value(struct pl *val, const char *p, const char *end);

/* uri.c, addr.c, via.c */
const char *sip_uri_scan(struct sip_uri *uri, const char *p, const char *end,
			 bool brackets);
bool sip_addr_list(const char *p, const char *end, bool brackets);
unsigned sip_via_list(struct sip_via *first, const char *p, const char *end);
int sip_unescaped(const char **p, const char *end);
const char *sip_addr_scan(struct sip_addr *addr, const char *p,
			  const char *end);
const char *sip_via_scan(struct sip_via *via, const char *p,
			 const char *end);
const char *sip_ctype_scan(struct sip_ctype *ct, const char *p,
			   const char *end);

/* message.c, check.c */
void sip_msg_fail(struct sip_msg *m, uint16_t status, const char *why);
uint32_t sip_msg_check(struct sip_msg *m);

/* uas.c */
int sip_next_unsupported(struct pl *tag, struct sip_iter *it,
			 const char *const *optionv);

/* names.c */
bool sip_hdr_single(enum sip_hdr_id id);

#endif