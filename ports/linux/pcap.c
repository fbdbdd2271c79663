/**
 * @file pcap.c  SIP messages in a capture file that Wireshark opens
 *
 * Link type 252, "exported PDU": each record says which dissector reads it
 * and from where to where it went, so that messages are readable although on
 * the wire they may be compressed or encrypted.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include "ports/linux/output.h"


enum {
	LINKTYPE_UPPER_PDU = 252,

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


/** Start a capture file.  @return 0 or an errno of fopen(3) */
int pcap_open(FILE **fp, const char *path)
{
	uint8_t hdr[24];
	FILE *f = fopen(path, "wb");

	if (!f)
		return errno;

	memset(hdr, 0, sizeof(hdr));
	be32(hdr, 0xa1b2c3d4);          /* big endian, microseconds */
	hdr[5] = 2;                     /* version 2.4 */
	hdr[7] = 4;
	be32(hdr + 16, 262144);
	be32(hdr + 20, LINKTYPE_UPPER_PDU);

	if (fwrite(hdr, sizeof(hdr), 1, f) != 1) {
		(void)fclose(f);
		return EIO;
	}

	*fp = f;

	return 0;
}


/** Add one message */
void pcap_write(FILE *f, const struct ue_trace *tr)
{
	const struct ue_addr *src = tr->sent ? &tr->local : &tr->remote;
	const struct ue_addr *dst = tr->sent ? &tr->remote : &tr->local;
	struct timespec ts;
	struct tags t;
	uint8_t hdr[16];

	t.len = 0;
	tag(&t, TAG_DISSECTOR, "sip", 3);
	tag_addr(&t, src, true);
	tag_addr(&t, dst, false);
	tag32(&t, TAG_PORT_TYPE, tr->transport == UE_TRANSPORT_TCP
	      ? PORT_TYPE_TCP : PORT_TYPE_UDP);
	tag(&t, TAG_END, NULL, 0);

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	be32(hdr, (uint32_t)ts.tv_sec);
	be32(hdr + 4, (uint32_t)(ts.tv_nsec / 1000));
	be32(hdr + 8, (uint32_t)(t.len + tr->len));
	be32(hdr + 12, (uint32_t)(t.len + tr->len));

	(void)fwrite(hdr, sizeof(hdr), 1, f);
	(void)fwrite(t.buf, t.len, 1, f);
	(void)fwrite(tr->msg, tr->len, 1, f);
	(void)fflush(f);
}
