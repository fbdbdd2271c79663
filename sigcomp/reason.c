/**
 * @file reason.c  Names of the failure reasons, for programs that print them
 */
#include "sigcomp/sigcomp.h"


#if SIGCOMP_NAMES
static const char *const name[] = {
	"", "STATE_NOT_FOUND", "CYCLES_EXHAUSTED", "USER_REQUESTED",
	"SEGFAULT", "TOO_MANY_STATE_REQUESTS", "INVALID_STATE_ID_LENGTH",
	"INVALID_STATE_PRIORITY", "OUTPUT_OVERFLOW", "STACK_UNDERFLOW",
	"BAD_INPUT_BITORDER", "DIV_BY_ZERO", "SWITCH_VALUE_TOO_HIGH",
	"TOO_MANY_BITS_REQUESTED", "INVALID_OPERAND", "HUFFMAN_NO_MATCH",
	"MESSAGE_TOO_SHORT", "INVALID_CODE_LOCATION", "BYTECODES_TOO_LARGE",
	"INVALID_OPCODE", "INVALID_STATE_PROBE", "ID_NOT_UNIQUE",
	"MULTILOAD_OVERWRITTEN", "STATE_TOO_SHORT", "INTERNAL_ERROR",
	"FRAMING_ERROR"
};
#else
static const char *const name[] = { "" };
#endif


const char *sigcomp_reason_name(enum sigcomp_reason reason)
{
	const unsigned i = (unsigned)reason;

	return i < sizeof(name) / sizeof(*name) ? name[i] : "";
}
