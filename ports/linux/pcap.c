/**
 * @file pcap.c  Capture files that Wireshark opens
 *
 * SIP messages: link type 252, "exported PDU": each record says which
 * dissector reads it and from where to where it went, so that messages are
 * readable although on the wire they may be compressed or encrypted.
 *
 * Beside it what went over the wire as ESP, IP packets (link type 101), and
 * their keys as lines of Wireshark's table esp_sa, in its folder of that name.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include "ports/linux/linux_port.h"
#include "ports/linux/pcap.h"


enum {
	TAG_END        = 0,
	TAG_DISSECTOR  = 12,
	TAG_IPV4_SRC   = 20,
	TAG_IPV4_DST   = 21,
	TAG_IPV6_SRC   = 22,
	TAG_IPV6_DST   = 23,
	TAG_PORT_TYPE  = 24,
	TAG_SRC_PORT   = 25,
	TAG_DST_PORT   = 26,

	PORT_TYPE_TCP  = 2,
	PORT_TYPE_UDP  = 3
};


/** Tags of one record: at most 4 + 8 + 2 * 20 + 3 * 8 octets */
struct tags {
	uint8_t buf[96];
	size_t len;
};


static void be32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}


static void tag(struct tags *t, uint16_t type, const void *val, size_t len)
{
	uint8_t *p = t->buf + t->len;
	const size_t padded = (len + 3) & ~(size_t)3;

	memset(p, 0, 4 + padded);
	p[0] = (uint8_t)(type >> 8);
	p[1] = (uint8_t)type;
	p[3] = (uint8_t)padded;
	if (len)
		memcpy(p + 4, val, len);
	t->len += 4 + padded;
}


static void tag32(struct tags *t, uint16_t type, uint32_t v)
{
	uint8_t buf[4];

	be32(buf, v);
	tag(t, type, buf, 4);
}


static void tag_addr(struct tags *t, const struct ue_addr *a, bool src)
{
	if (a->family == 6)
		tag(t, src ? TAG_IPV6_SRC : TAG_IPV6_DST, a->ip, 16);
	else
		tag(t, src ? TAG_IPV4_SRC : TAG_IPV4_DST, a->ip, 4);
	tag32(t, src ? TAG_SRC_PORT : TAG_DST_PORT, a->port);
}


/** Start a capture file.  @return 0 or an errno */
int pcap_open(FILE **fp, const char *path, enum pcap_link link)
{
	uint8_t hdr[24];
	FILE *f;
	int err;

	err = linux_private_file(&f, path);
	if (err)
		return err;

	memset(hdr, 0, sizeof(hdr));
	be32(hdr, 0xa1b2c3d4);          /* big endian, microseconds */
	hdr[5] = 2;                     /* version 2.4 */
	hdr[7] = 4;
	be32(hdr + 16, 262144);
	be32(hdr + 20, (uint32_t)link);

	if (fwrite(hdr, sizeof(hdr), 1, f) != 1) {
		(void)fclose(f);
		return EIO;
	}

	*fp = f;

	return 0;
}


/** Add one record, of two parts */
static void record(FILE *f, const void *head, size_t head_len,
		   const void *data, size_t len)
{
	struct timespec ts;
	uint8_t hdr[16];

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	be32(hdr, (uint32_t)ts.tv_sec);
	be32(hdr + 4, (uint32_t)(ts.tv_nsec / 1000));
	be32(hdr + 8, (uint32_t)(head_len + len));
	be32(hdr + 12, (uint32_t)(head_len + len));

	(void)fwrite(hdr, sizeof(hdr), 1, f);
	if (head_len)
		(void)fwrite(head, head_len, 1, f);
	(void)fwrite(data, len, 1, f);
	(void)fflush(f);
}


/** Add one message */
void pcap_write(FILE *f, const struct ue_trace *tr)
{
	const struct ue_addr *src = tr->sent ? &tr->local : &tr->remote;
	const struct ue_addr *dst = tr->sent ? &tr->remote : &tr->local;
	struct tags t;

	t.len = 0;
	tag(&t, TAG_DISSECTOR, "sip", 3);
	tag_addr(&t, src, true);
	tag_addr(&t, dst, false);
	tag32(&t, TAG_PORT_TYPE, tr->transport == UE_TRANSPORT_TCP
	      ? PORT_TYPE_TCP : PORT_TYPE_UDP);
	tag(&t, TAG_END, NULL, 0);

	record(f, t.buf, t.len, tr->msg, tr->len);
}


/** Add one IP packet */
void pcap_write_packet(FILE *f, const uint8_t *packet, size_t len)
{
	record(f, NULL, 0, packet, len);
}


static void hex(FILE *f, const uint8_t *key, size_t len)
{
	(void)fputs(len ? "\"0x" : "\"", f);
	for (size_t i = 0; i < len; i++)
		(void)fprintf(f, "%02x", key[i]);
	(void)fputc('"', f);
}


/** Add the keys of a set; those of aes-gmac Wireshark cannot use */
void pcap_write_keys(FILE *f, const struct ipsec_params *prm,
		     const struct ipsec_keys *keys)
{
	static const char *const encv[] = {
		[IPSEC_EALG_NULL]         = "NULL",
		[IPSEC_EALG_DES_EDE3_CBC] = "TripleDES-CBC [RFC2451]",
		[IPSEC_EALG_AES_CBC]      = "AES-CBC [RFC3602]",
		[IPSEC_EALG_AES_GCM]  = "AES-GCM with 16 octet ICV [RFC4106]",
	};
	static const char *const authv[] = {
		[IPSEC_ALG_NULL]          = "NULL",
		[IPSEC_ALG_HMAC_MD5_96]   = "HMAC-MD5-96 [RFC2403]",
		[IPSEC_ALG_HMAC_SHA_1_96] = "HMAC-SHA-1-96 [RFC2404]",
	};
	const uint32_t spiv[] = {prm->spi_ps, prm->ue.spi_uc, prm->ue.spi_us,
				 prm->spi_pc};

	if (prm->alg == IPSEC_ALG_AES_GMAC)
		return;

	for (size_t i = 0; i < sizeof(spiv) / sizeof(spiv[0]); i++) {
		(void)fprintf(f, "\"IPv%u\",\"*\",\"*\",\"0x%08lx\",\"%s\",",
			      prm->local.family, (unsigned long)spiv[i],
			      encv[prm->ealg]);
		hex(f, keys->enc, keys->enc_len);
		(void)fprintf(f, ",\"%s\",", authv[prm->alg]);
		hex(f, keys->auth, keys->auth_len);
		(void)fputc('\n', f);
	}
	(void)fflush(f);
}
