/**
 * @file sigcomp_kit.c  UDVM programs written as code
 */
#include <stdarg.h>
#include <string.h>
#include "test/unit/sigcomp_kit.h"

enum { STATE_AT = 512 };

struct sk sk;


void sk_open_codec(uint32_t dms, uint32_t sms, uint8_t version,
		    const struct sigcomp_codec *codec)
{
	const struct sigcomp_settings set = {
		.dms = dms, .cpb = 16, .version = version,
		.mem = (uint8_t *)sk.mem, .mem_size = sizeof(sk.mem),
		.codec = codec
	};
	unsigned i;

	memset(&sk, 0, sizeof(sk));
	sk.err = sigcomp_init(&sk.sc, &set);

	for (i = 0; !sk.err && i < SK_COMPARTMENTS; ++i)
		sk.err = sigcomp_open(&sk.sc, &sk.comp[i], sk.arena[i],
				       sms, i ? NULL : sk.codec_mem,
				       sizeof(sk.codec_mem));
}


void sk_open(uint32_t dms, uint32_t sms)
{
	sk_open_codec(dms, sms, 2, NULL);
}


void sk_code(void)
{
	sk.len = 3;
	sk.code_len = 0;
}


uint16_t sk_here(void)
{
	return (uint16_t)(SK_CODE + sk.len - 3);
}


void sk_byte(unsigned b)
{
	if (sk.len < sizeof(sk.msg))
		sk.msg[sk.len++] = (uint8_t)b;
}


void sk_raw(const void *p, size_t n)
{
	const uint8_t *b = p;

	while (n--)
		sk_byte(*b++);
}


static void word(unsigned prefix, unsigned v)
{
	sk_byte(prefix);
	sk_byte(v >> 8);
	sk_byte(v & 0xff);
}


void sk_op(int op, const char *fmt, ...)
{
	const unsigned start = sk_here();
	va_list ap;

	va_start(ap, fmt);
	sk_byte((unsigned)op);

	for (; *fmt; ++fmt) {
		const unsigned v = (unsigned)va_arg(ap, int) & 0xffff;

		switch (*fmt) {

		case 'v': word(0x81, v);                        break;
		case 'a': word(0x80, (v - start) & 0xffff);     break;
		case 'r':
		case 'l': word(0xc0, v);                        break;
		default:
			if (v < 64)
				sk_byte(v);
			else
				word(0x80, v);
			break;
		}
	}

	va_end(ap);
}


void sk_data(void)
{
	sk.code_len = sk.len - 3;
	sk.msg[0] = 0xf8;
	sk.msg[1] = (uint8_t)(sk.code_len >> 4);
	sk.msg[2] = (uint8_t)(sk.code_len << 4 | (SK_CODE / 64 - 1));
}


int sk_run_message(const uint8_t *p, size_t len)
{
	sk.err = sigcomp_decompress(&sk.res, &sk.sc, sk.out,
				     sizeof(sk.out), p, len, false);
	return sk.err;
}


int sk_run(void)
{
	if (!sk.code_len)
		sk_data();

	return sk_run_message(sk.msg, sk.len);
}


int sk_run_accept(unsigned i)
{
	const int err = sk_run();

	return err ? err : sigcomp_accept(&sk.sc, &sk.comp[i]);
}


void sk_end(void)
{
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 0, 0, 0, 0, 0);
}


int sk_make_state(unsigned i, uint16_t len, uint8_t fill, uint16_t minacc,
		   uint16_t prio)
{
	sk_code();
	sk_op(OP_MEMSET, "mmmm", STATE_AT, len, fill, 0);
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, len, STATE_AT, 0, minacc,
	       prio);

	return sk_run_accept(i);
}


void sk_state_id(uint8_t *id, uint16_t len, uint8_t fill, uint16_t minacc)
{
	const struct sigcomp_piece piece = { sk.out, len };

	memset(sk.out, fill, len);
	(void)sigcomp_state_id(id, STATE_AT, 0, minacc, &piece, 1);
}


bool sk_has_state(uint16_t len, uint8_t fill, uint16_t minacc)
{
	uint8_t id[SIGCOMP_ID_LEN];
	struct sigcomp_state st;

	sk_state_id(id, len, fill, minacc);

	return sigcomp_find(&st, &sk.sc, id, sizeof(id)) == 0;
}


uint32_t sk_random(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;

	return (uint32_t)(((uint64_t)(*seed >> 4) * below) >> 28);
}
