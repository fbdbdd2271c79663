/**
 * @file test_file_sdp.c  RFC 5547 s6: attributes of file transfer
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/services/file_sdp.h"
#include "ue/ue_config.h"

/** The attribute of RFC 5547 figure 2, in one line as the note there says */
#define FIGURE2 "name:\"My cool picture.jpg\" type:image/jpeg size:32349 " \
	"hash:sha-1:72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:E4:A2:" \
	"CE:2E"

static const uint8_t hash2[UE_FILE_HASH] = {
	0x72, 0x24, 0x5f, 0xe8, 0x65, 0x3d, 0xda, 0xf3, 0x71, 0x36,
	0x2f, 0x86, 0xd4, 0x71, 0x91, 0x3e, 0xe4, 0xa2, 0xce, 0x2e
};

static struct file_selector sel;
static struct sip_writer w;
static char out[512];


static int decode(const char *text)
{
	const struct pl pl = {text, strlen(text)};

	return file_selector_decode(&sel, &pl);
}


static const char *name_of(const char *text, size_t size)
{
	const struct pl pl = {text, strlen(text)};

	return file_name_decode(out, size, &pl) ? "bad escape" : out;
}


static int range(uint32_t *from, uint32_t *to, const char *text)
{
	const struct pl pl = {text, strlen(text)};

	return file_range_decode(from, to, &pl);
}


static void begin(void)
{
	memset(out, 0, sizeof(out));
	sip_writer_init(&w, out, sizeof(out) - 1);
}


static void figure2(void)
{
	CHECK_EQ(decode(FIGURE2), 0);
	CHECK_MEM(sel.name.p, sel.name.l, "My cool picture.jpg", 19);
	CHECK_MEM(sel.type.p, sel.type.l, "image/jpeg", 10);
	CHECK_EQ(sel.size, 32349);
	CHECK(sel.hashed);
	CHECK_MEM(sel.hash, sizeof(sel.hash), hash2, sizeof(hash2));

	/* and written it is the same */
	begin();
	file_selector_write(&w, "My cool picture.jpg", "image/jpeg", 32349,
			    hash2);
	CHECK_STR(out, FIGURE2);
}


static void parts(void)
{
	/* s5: any number of selectors, in any order */
	CHECK_EQ(decode("size:0"), 0);
	CHECK_EQ(sel.size, 0);
	CHECK(!sel.name.p && !sel.type.p && !sel.hashed);
	CHECK_EQ(decode("size:7 name:\"a b\""), 0);
	CHECK_EQ(sel.size, 7);
	CHECK_MEM(sel.name.p, sel.name.l, "a b", 3);
	/* parameters of the type in quotes, with blanks */
	CHECK_EQ(decode("type:text/plain;charset=\"a b\" size:3"), 0);
	CHECK_MEM(sel.type.p, sel.type.l, "text/plain;charset=\"a b\"", 24);
	CHECK_EQ(sel.size, 3);
	/* s6: several hashes, sha-1 is the one that counts */
	CHECK_EQ(decode("hash:sha-256:00:11 hash:sha-1:72:24:5F:E8:65:3D:DA:"
			"F3:71:36:2F:86:D4:71:91:3E:E4:A2:CE:2E"), 0);
	CHECK(sel.hashed);
	CHECK_MEM(sel.hash, sizeof(sel.hash), hash2, sizeof(hash2));
	/* what is not known is passed over */
	CHECK_EQ(decode("colour:red size:1"), 0);
	CHECK_EQ(sel.size, 1);
}


static void empty(void)
{
	CHECK_EQ(decode(""), ENOENT);
	CHECK_EQ(decode("  "), ENOENT);
	CHECK_EQ(decode("hash:sha-256:00"), ENOENT);
}


static void bad(void)
{
	static const char *const badv[] = {
		"size", "size:", "size:-5", "size:+5", "size:5x", "size: 5",
		"size:1 size:1", "name:a", "name:\"\"", "name:\"a", "name:a\"",
		"name:\"a\"b\"", "name:\"a\" name:\"a\"", "type:text",
		"type:/x", "type:a/b type:a/b", "hash:sha-1", "hash:sha-1:72",
		"hash:sha-1:72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:"
		"E4:A2:CE:2G",
		"hash:sha-1:72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:"
		"E4:A2:CE-2E",
		"hash:sha-1:72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:"
		"E4:A2:CE:2E:00",
		"nothing"
	};
	unsigned i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		sel.size = 4711;
		if (decode(badv[i]) != EBADMSG)
			CHECK_STR(badv[i], "EBADMSG");
		/* what was there is untouched */
		CHECK_EQ(sel.size, 4711);
	}
	/* two different sha-1 */
	CHECK_EQ(decode(FIGURE2 " hash:sha-1:00:24:5F:E8:65:3D:DA:F3:71:36:"
			"2F:86:D4:71:91:3E:E4:A2:CE:2E"), EBADMSG);
	/* what does not fit is no size at all */
	CHECK_EQ(decode("size:4294967293"), 0);
	CHECK_EQ(decode("size:4294967294"), EOVERFLOW);
	CHECK_EQ(decode("size:18446744073709551617"), EOVERFLOW);
}


static void escapes(void)
{
	/* s6: quotes, percent, CR, LF, NUL; what could be folders */
	begin();
	file_selector_write(&w, "a\"b%c/d\\e:f\r\n", NULL, UE_FILE_ANY, NULL);
	CHECK_STR(out, "name:\"a%22b%25c%2Fd%5Ce%3Af%0D%0A\"");
	CHECK_EQ(sip_writer_err(&w), 0);
	/* UTF-8 as it is */
	begin();
	file_selector_write(&w, "gr\xc3\xbc\xc3\x9f" "e.txt", NULL,
			    UE_FILE_ANY, NULL);
	CHECK_STR(out, "name:\"gr\xc3\xbc\xc3\x9f" "e.txt\"");
}


static void names(void)
{
	static const struct {
		const char *given, *made;
	} v[] = {
		{"My cool picture.jpg", "My cool picture.jpg"},
		{"gr\xc3\xbc\xc3\x9f" "e.txt", "gr\xc3\xbc\xc3\x9f" "e.txt"},
		{"%41%62.txt", "Ab.txt"},
		{"../../x", "_._.._x"},
		{"%2E%2e%2f%2e%2E%5Cx", "_._.._x"},
		{"/etc/passwd", "_etc_passwd"},
		{"C:\\x", "C__x"},
		{".bashrc", "_bashrc"},
		{"-rf", "_rf"},
		{"~root", "_root"},
		{".", "_"},
		{"..", "__"},
		{"a%00b", "a_b"},
		{"a%0d%0ab%7f", "a__b_"},
		{"a%25b", "a_b"},
		{"it's (1)%27!.jpg", "it_s (1)__.jpg"},
		{"x. ", "x._"},
		{" ", "_"},
		{"", "_"},
		/* no UTF-8: alone, overlong, surrogate, beyond */
		{"a\xff" "b", "a_b"},
		{"\xc0\xaf", "__"},
		{"\xe0\x80\xaf", "___"},
		{"\xed\xa0\x80", "___"},
		{"\xf4\x90\x80\x80", "____"},
		{"\xc2\x85x", "__x"},
		{"%zz", "bad escape"},
		{"%4", "bad escape"},
		{"%", "bad escape"}
	};
	unsigned i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		CHECK_STR(name_of(v[i].given, 64), v[i].made);
}


static void long_names(void)
{
	CHECK_STR(name_of("abcdefghij", 8), "abcdefg");
	CHECK_STR(name_of("abcdefg", 8), "abcdefg");
	/* not in the middle of a character */
	CHECK_STR(name_of("abcdef\xc3\xbcx", 8), "abcdef");
	CHECK_STR(name_of("abcde\xc3\xbcx", 8), "abcde\xc3\xbc");
	CHECK_STR(name_of("abcd\xe2\x82\xacx", 8), "abcd\xe2\x82\xac");
	CHECK_STR(name_of("abcde\xe2\x82\xacx", 8), "abcde");
	CHECK_STR(name_of("abcd%F0%9F%98%80", 8), "abcd");
}


static void ranges(void)
{
	static const char *const badv[] = {
		"", "-", "1-", "-1", "0-5", "-1-5", "5-4", "1", "*-5", "1-x",
		"1--5", "1 -5", "a-b", "1-**"
	};
	uint32_t a = 7, b = 7;
	unsigned i;

	CHECK_EQ(range(&a, &b, "1-32349"), 0);
	CHECK_EQ(a, 0);
	CHECK_EQ(b, 32349);
	CHECK_EQ(range(&a, &b, "100-*"), 0);
	CHECK_EQ(a, 99);
	CHECK_EQ(b, UE_FILE_ANY);
	CHECK_EQ(range(&a, &b, "5-5"), 0);
	CHECK_EQ(a, 4);
	CHECK_EQ(b, 5);

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		if (range(&a, &b, badv[i]) != EBADMSG)
			CHECK_STR(badv[i], "EBADMSG");
	}
	CHECK_EQ(range(&a, &b, "1-4294967296"), EOVERFLOW);
	CHECK_EQ(range(&a, &b, "99999999999999999999-*"), EOVERFLOW);
	CHECK_EQ(a, 4);
	CHECK_EQ(b, 5);

	begin();
	file_range_write(&w, 0, 32349);
	file_range_write(&w, 99, UE_FILE_ANY);
	CHECK_STR(out, "a=file-range:1-32349\r\na=file-range:100-*\r\n");
}


#if UE_FILE_TRANSFER

#define FILES								\
	"v=0\r\no=bob 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"				\
	"m=message 9000 TCP/MSRP *\r\na=sendonly\r\n"			\
	"a=file-selector:" FIGURE2 "\r\n"				\
	"a=file-transfer-id:vBnG916bdberum2fFEABR1FR3ExZMUrd\r\n"	\
	"a=file-disposition:attachment\r\n"				\
	"a=file-icon:cid:id2@alicepc.example.com\r\n"			\
	"m=message 9000 TCP/MSRP *\r\n"


static void refusal(void)
{
	const struct pl text = {FILES, sizeof(FILES) - 1};
	struct sdesc_media m;
	struct sdesc sdp;

	CHECK_EQ(sdesc_decode(&sdp, &text), 0);
	CHECK_EQ(sdesc_media(&m, &sdp, 0), 0);
	CHECK(file_is(&m));
	begin();
	sdesc_write_refused(&w, &m);
	CHECK_STR(out, "m=message 0 TCP/MSRP *\r\na=file-selector:" FIGURE2
		  "\r\na=file-transfer-id:vBnG916bdberum2fFEABR1FR3ExZMUrd"
		  "\r\n");

	CHECK_EQ(sdesc_media(&m, &sdp, 1), 0);
	CHECK(!file_is(&m));
	begin();
	sdesc_write_refused(&w, &m);
	CHECK_STR(out, "m=message 0 TCP/MSRP *\r\n");
}

#endif


const struct test_case suite_file_sdp[] = {
	{"RFC 5547 s6: the file-selector of figure 2", figure2},
	{"RFC 5547 s5: any number of selectors in any order", parts},
	{"RFC 5547 s8.5: a file-selector without selectors", empty},
	{"RFC 5547 s6: malformed selectors", bad},
	{"RFC 5547 s6: a name is percent-encoded", escapes},
	{"RFC 5547 s6, s10: a name for the local file system", names},
	{"RFC 5547 s10: a name that is too long", long_names},
	{"RFC 5547 s6: file-range", ranges},
#if UE_FILE_TRANSFER
	{"RFC 5547 s8.3: a refusal mirrors selector and identifier", refusal},
#endif
	{NULL, NULL}
};
