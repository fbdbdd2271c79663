/**
 * @file sigcomp_kit.c  UDVM programs written as code
 */
#include <stdarg.h>
#include <string.h>
#include "test/unit/sigcomp_kit.h"

enum { STATE_AT = 512 };

struct kit kit;


void kit_open_codec(uint32_t dms, uint32_t sms, uint8_t version,
		    const struct sigcomp_codec *codec)
{
	const struct sigcomp_settings set = {
		.dms = dms, .cpb = 16, .version = version,
		.mem = (uint8_t *)kit.mem, .mem_size = sizeof(kit.mem),
		.codec = codec
	};
	unsigned i;

	memset(&kit, 0, sizeof(kit));
	kit.err = sigcomp_init(&kit.sc, &set);

	for (i = 0; !kit.err && i < KIT_COMPARTMENTS; ++i)
		kit.err = sigcomp_open(&kit.sc, &kit.comp[i], kit.arena[i],
				       sms, i ? NULL : kit.codec_mem,
				       sizeof(kit.codec_mem));
}


void kit_open(uint32_t dms, uint32_t sms)
{
	kit_open_codec(dms, sms, 2, NULL);
}


void kit_code(void)
{
	kit.len = 3;
	kit.code_len = 0;
}


uint16_t kit_here(void)
{
	return (uint16_t)(KIT_CODE + kit.len - 3);
}


void kit_byte(unsigned b)
{
	if (kit.len < sizeof(kit.msg))
		kit.msg[kit.len++] = (uint8_t)b;
}


void kit_raw(const void *p, size_t n)
{
	const uint8_t *b = p;

	while (n--)
		kit_byte(*b++);
}


static void word(unsigned prefix, unsigned v)
{
	kit_byte(prefix);
	kit_byte(v >> 8);
	kit_byte(v & 0xff);
}


void kit_op(int op, const char *fmt, ...)
{
	const unsigned start = kit_here();
	va_list ap;

	va_start(ap, fmt);
	kit_byte((unsigned)op);

	for (; *fmt; ++fmt) {
		const unsigned v = (unsigned)va_arg(ap, int) & 0xffff;

		switch (*fmt) {

		case 'v': word(0x81, v);                        break;
		case 'a': word(0x80, (v - start) & 0xffff);     break;
		case 'r':
		case 'l': word(0xc0, v);                        break;
		default:
			if (v < 64)
				kit_byte(v);
			else
				word(0x80, v);
			break;
		}
	}

	va_end(ap);
}


void kit_data(void)
{
	kit.code_len = kit.len - 3;
	kit.msg[0] = 0xf8;
	kit.msg[1] = (uint8_t)(kit.code_len >> 4);
	kit.msg[2] = (uint8_t)(kit.code_len << 4 | (KIT_CODE / 64 - 1));
}


int kit_run_message(const uint8_t *p, size_t len)
{
	kit.err = sigcomp_decompress(&kit.res, &kit.sc, kit.out,
				     sizeof(kit.out), p, len, false);
	return kit.err;
}


int kit_run(void)
{
	if (!kit.code_len)
		kit_data();

	return kit_run_message(kit.msg, kit.len);
}


int kit_run_accept(unsigned i)
{
	const int err = kit_run();

	return err ? err : sigcomp_accept(&kit.sc, &kit.comp[i]);
}


void kit_end(void)
{
	kit_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 0, 0, 0, 0, 0);
}


int kit_make_state(unsigned i, uint16_t len, uint8_t fill, uint16_t minacc,
		   uint16_t prio)
{
	kit_code();
	kit_op(OP_MEMSET, "mmmm", STATE_AT, len, fill, 0);
	kit_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, len, STATE_AT, 0, minacc,
	       prio);

	return kit_run_accept(i);
}


void kit_state_id(uint8_t *id, uint16_t len, uint8_t fill, uint16_t minacc)
{
	const struct sigcomp_piece piece = { kit.out, len };

	memset(kit.out, fill, len);
	(void)sigcomp_state_id(id, STATE_AT, 0, minacc, &piece, 1);
}


bool kit_has_state(uint16_t len, uint8_t fill, uint16_t minacc)
{
	uint8_t id[SIGCOMP_ID_LEN];
	struct sigcomp_state st;

	kit_state_id(id, len, fill, minacc);

	return sigcomp_find(&st, &kit.sc, id, sizeof(id)) == 0;
}


uint32_t kit_random(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;

	return (uint32_t)(((uint64_t)(*seed >> 4) * below) >> 28);
}
