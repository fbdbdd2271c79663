/**
 * @file test_xml.c  The XML pull parser
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/xml/xml.h"

static struct xml x;


static void begin(const char *doc)
{
	xml_init(&x, doc, strlen(doc));
}


/* Read to the end: what the first error was */
static int parse_n(const char *doc, size_t len)
{
	int err;
	unsigned n = 0;

	xml_init(&x, doc, len);
	do {
		err = xml_next(&x);

	} while (!err && x.type != XML_EOF && n++ < 100000);

	return err;
}


static int parse(const char *doc)
{
	return parse_n(doc, strlen(doc));
}


static bool is(const struct pl *pl, const char *str)
{
	return pl->l == strlen(str) && !memcmp(pl->p, str, pl->l);
}


/* ------------------------------------------------------------------ */


static void test_events(void)
{
	begin("<?xml version='1.0'?>\n<a b='1' c = \"2\" >x<d/>"
	      "<!-- c --><![CDATA[<&>]]></a >\n<?pi x?>");

	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_START);
	CHECK(is(&x.name, "a"));
	CHECK_EQ(x.depth, 1);

	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_TEXT);
	CHECK(is(&x.text, "x"));

	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_START);
	CHECK(is(&x.name, "d"));
	CHECK_EQ(x.depth, 2);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_END);
	CHECK(is(&x.name, "d"));
	CHECK_EQ(x.depth, 2);

	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_TEXT);
	CHECK(x.cdata);
	CHECK(is(&x.text, "<&>"));

	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_END);
	CHECK(is(&x.name, "a"));
	CHECK_EQ(x.depth, 1);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_EOF);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_EOF);
}


static void test_attributes(void)
{
	struct xml_attr a;
	struct pl rest, val;
	char str[16];
	uint32_t v = 7;

	begin("<a xmlns='n' xmlns:p='m' one=' &lt;1&gt; ' p:two=\"'2'\" "
	      "num=' 4294967295 ' big='4294967296' neg='-1' none=''/>");
	CHECK_EQ(xml_next(&x), 0);

	rest = x.attrs;
	CHECK_EQ(xml_attr_next(&a, &rest), 0);
	CHECK(is(&a.name, "one"));
	CHECK_EQ(a.prefix.l, 0);
	CHECK(is(&a.val, " &lt;1&gt; "));
	CHECK_EQ(xml_attr_next(&a, &rest), 0);
	CHECK(is(&a.prefix, "p"));
	CHECK(is(&a.name, "two"));
	CHECK(is(&a.val, "'2'"));

	CHECK_EQ(xml_attr(&val, &x, "two"), ENOENT);
	CHECK_EQ(xml_attr_str(str, sizeof(str), &x, "one"), 0);
	CHECK_STR(str, "<1>");
	CHECK_EQ(xml_attr_str(str, 4, &x, "one"), 0);
	CHECK_EQ(xml_attr_str(str, 3, &x, "one"), EOVERFLOW);
	CHECK_EQ(xml_attr_str(str, sizeof(str), &x, "zero"), ENOENT);

	CHECK_EQ(xml_attr_u32(&v, &x, "big"), EBADMSG);
	CHECK_EQ(xml_attr_u32(&v, &x, "neg"), EBADMSG);
	CHECK_EQ(xml_attr_u32(&v, &x, "none"), EBADMSG);
	CHECK_EQ(xml_attr_u32(&v, &x, "zero"), ENOENT);
	CHECK_EQ(v, 7);
	CHECK_EQ(xml_attr_u32(&v, &x, "num"), 0);
	CHECK_EQ(v, UINT32_MAX);

	/* a declaration is `xmlns` or begins with `xmlns:` */
	begin("<a xmlnsx='1' xmlns='n' xmlns:p='m'/>");
	CHECK_EQ(xml_next(&x), 0);
	rest = x.attrs;
	CHECK_EQ(xml_attr_next(&a, &rest), 0);
	CHECK(is(&a.name, "xmlnsx"));
	CHECK_EQ(xml_attr_next(&a, &rest), ENOENT);
}


static void test_namespaces(void)
{
	begin("<a xmlns='urn:one' xmlns:p='urn:two'><p:b xmlns='urn:three'>"
	      "<c/></p:b><c/><d xmlns=''><e/></d></a>");

	CHECK_EQ(xml_next(&x), 0);
	CHECK(xml_is(&x, "urn:one", "a"));
	CHECK(!xml_is(&x, "urn:two", "a"));
	CHECK_EQ(xml_next(&x), 0);
	CHECK(xml_is(&x, "urn:two", "b"));
	CHECK_EQ(xml_next(&x), 0);
	CHECK(xml_is(&x, "urn:three", "c"));
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_END);
	CHECK(xml_is(&x, "urn:two", "b"));

	/* the declaration of b is over */
	CHECK_EQ(xml_next(&x), 0);
	CHECK(xml_is(&x, "urn:one", "c"));
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_next(&x), 0);
	CHECK(xml_is(&x, "", "d"));
	CHECK_EQ(xml_next(&x), 0);
	CHECK(xml_is(&x, "", "e"));
}


static void test_text(void)
{
	char str[16];

	begin("<a>  one <b>not</b>&#116;wo<!-- x --><![CDATA[&]]>  </a>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_text(str, sizeof(str), &x), 0);
	CHECK_STR(str, "one two&");
	CHECK_EQ(x.type, XML_END);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_EOF);

	/* what does not fit costs only itself */
	begin("<a><b>0123456789abcdef</b><b> 0123456789abcde </b></a>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_text(str, sizeof(str), &x), EOVERFLOW);
	CHECK_EQ(x.err, 0);
	CHECK_STR(str, "");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_text(str, sizeof(str), &x), EOVERFLOW);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_END);
	CHECK_EQ(x.depth, 1);

	/* the same of a CDATA section, and of what comes behind it */
	begin("<a><![CDATA[0123456789abcdef]]>more<!-- -->x</a>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_text(str, sizeof(str), &x), EOVERFLOW);
	CHECK_STR(str, "");
	CHECK_EQ(x.type, XML_END);
	CHECK_EQ(x.err, 0);

	/* space however it is written */
	begin("<a> &#32;<![CDATA[\t\r\n ]]> </a>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_text(str, sizeof(str), &x), 0);
	CHECK_STR(str, "");

	/* not even the zero has room: nothing is read */
	begin("<a>x</a>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_text(str, 0, &x), EOVERFLOW);
	CHECK_EQ(x.type, XML_START);

	begin("<a>unfinished");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_text(str, sizeof(str), &x), EBADMSG);
	CHECK_EQ(x.err, EBADMSG);
}


static void test_skip_element(void)
{
	begin("<a><b><a><b/></a></b><c/></a>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_skip(&x), 0);
	CHECK_EQ(x.type, XML_END);
	CHECK(is(&x.name, "b"));
	CHECK_EQ(xml_next(&x), 0);
	CHECK(is(&x.name, "c"));
	CHECK_EQ(xml_skip(&x), 0);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(x.type, XML_END);
	CHECK_EQ(x.depth, 1);

	begin("<a><b><c></b></a>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_skip(&x), EBADMSG);
}


static void test_children(void)
{
	begin("<a> x <b>y</b><!-- --><c/>&lt;<![CDATA[z]]></a>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_child(&x), 0);
	CHECK(is(&x.name, "b"));
	CHECK_EQ(xml_skip(&x), 0);
	CHECK_EQ(xml_child(&x), 0);
	CHECK(is(&x.name, "c"));
	CHECK_EQ(xml_child(&x), ENOENT);
	CHECK(is(&x.name, "c"));
	CHECK_EQ(x.depth, 2);
	CHECK_EQ(xml_child(&x), ENOENT);
	CHECK(is(&x.name, "a"));
	CHECK_EQ(x.depth, 1);

	begin("<a><b/></c>");
	CHECK_EQ(xml_next(&x), 0);
	CHECK_EQ(xml_child(&x), 0);
	CHECK_EQ(xml_skip(&x), 0);
	CHECK_EQ(xml_child(&x), EBADMSG);
}


static void test_references(void)
{
	static const char ref[] = "&lt;&gt;&amp;&quot;&apos;&#65;&#x41;"
		"&#xe4;&#x20AC;&#x10FFFF;";
	struct pl pl = {ref, sizeof(ref) - 1};
	char str[32];

	CHECK_EQ(xml_decode(str, sizeof(str), &pl), 0);
	CHECK_STR(str, "<>&\"'AA\xc3\xa4\xe2\x82\xac\xf4\x8f\xbf\xbf");

	/* a character that fits only in part */
	CHECK_EQ(xml_decode(str, 16, &pl), EOVERFLOW);
	CHECK_EQ(xml_decode(str, 17, &pl), 0);
	strcpy(str, "old");
	CHECK_EQ(xml_decode(str, 0, &pl), EOVERFLOW);
	CHECK_STR(str, "old");
	/* what is no reference in a text that nobody has checked stays */
	pl_set_str(&pl, "a&b;&#x;");
	CHECK_EQ(xml_decode(str, sizeof(str), &pl), 0);
	CHECK_STR(str, "a&b;&#x;");

	CHECK_EQ(parse("<a b='&#9;&#xA;'>&#13;</a>"), 0);
	CHECK_EQ(parse("<a>&nbsp;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&lt</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#x;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#0;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#1;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#xD800;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#xFFFE;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#x110000;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#99999999999;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#X41;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#6a;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#x4/;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#x4:;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#x4G;</a>"), EBADMSG);
	CHECK_EQ(parse("<a>&#x4g;</a>"), EBADMSG);
	CHECK_EQ(parse("<a b='&nbsp;'/>"), EBADMSG);
	CHECK_EQ(parse("<a>&#00000000000000000065;</a>"), EBADMSG);
}


static void test_well_formed(void)
{
	static const char *const goodv[] = {
		"<a/>", "<a></a>", "<a />", "\n <a/> \n", "<a\n/>",
		"<!-- x --><a/><!-- y -->", "<?p?><a/>", "<a.b-c_d/>",
		"<\xc3\xa4/>", "\xef\xbb\xbf<a/>",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>",
		"<?xml version='1.0' encoding='utf-8' standalone='yes' ?><a/>",
		"<?xml-stylesheet href='x'?><a/>", "<a><![CDATA[]]></a>",
		"<a>]]</a>", "<a b='>'/>", "<a b=\"'\" c='\"'/>",
		"<a><!----></a>", "<p:a xmlns:p='x' p:b='1' b='2'/>",
		"<?xml version='1.0' encoding='US-ASCII'?><a/>",
		"<?php x?><a/>", "<Az_Z xml:lang='de'\tb\t=\r\n'1'/>"
	};
	static const char *const badv[] = {
		"", " ", "x", "<", "<a", "<a>", "</a>", "<a></b>", "<a/><b/>",
		"<a/>x", "x<a/>", "<a b/>", "<a b=1/>", "<a b='1/>",
		"<a b='1'c='2'/>", "<a b='1' b='2'/>", "<a b='<'/>", "< a/>",
		"<1a/>", "<a><b></a></b>", "<a></a", "<a/ >", "<a>]]></a>",
		"<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a/>",
		"<a><!-- x -- y --></a>", "<a><!-- x ---></a>", "<a><!-- x",
		"<a><![CDATA[x</a>", "<![CDATA[x]]><a/>", "<a><?pi</a>",
		"<?xml version='1.0'?", " <?xml version='1.0'?><a/>",
		"<?xml version='1.0' encoding='utf-16'?><a/>",
		"<?xml encoding='utf-8' version='1.0'?><a/>", "<?xml ?><a/>",
		"<a><?XML x?></a>", "<p:a/>", "<a p:b='1'/>", "<a:b:c/>",
		"<:a/>", "<a:/>", "<a xmlns:p=''><p:b/></a>", "<!x><a/>",
		"<a>\x01</a>", "<a>\x7f\xff</a>", "<{/>", "<[/>", "<@/>",
		"<`/>", "<?xml version?><a/>", "<?xml version=?><a/>",
		"<?xml version='1.0?><a/>", "<?xml version='1.0' x=''?><a/>"
	};
	size_t i;

	for (i = 0; i < sizeof(goodv) / sizeof(goodv[0]); i++)
		CHECK_STR(parse(goodv[i]) ? goodv[i] : "", "");

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++)
		CHECK_STR(parse(badv[i]) == EBADMSG ? "" : badv[i], "");
}


static void test_utf8(void)
{
	static const char *const badv[] = {
		"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xfe", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
		"\xef\xbf\xbe", "\xef\xbf\xbf"
	};
	static const char *const goodv[] = {
		"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
		"\xee\x80\x80", "\xef\xbf\xbd", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbd"
	};
	char doc[32];
	size_t i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		strcpy(doc, "<a>");
		strcat(doc, badv[i]);
		strcat(doc, "</a>");
		CHECK_EQ(parse(doc), EBADMSG);
	}

	for (i = 0; i < sizeof(goodv) / sizeof(goodv[0]); i++) {
		strcpy(doc, "<a>");
		strcat(doc, goodv[i]);
		strcat(doc, "</a>");
		CHECK_EQ(parse(doc), 0);
	}

	CHECK_EQ(parse_n("<a>\0</a>", 8), EBADMSG);
}


static void test_bounds(void)
{
	char doc[2048];
	unsigned i;
	size_t n;

	/* as deep as allowed, and one more */
	for (i = 0; i < UE_XML_DEPTH_MAX; i++)
		memcpy(doc + 3 * i, "<a>", 3);
	n = 3 * i;
	for (i = 0; i < UE_XML_DEPTH_MAX; i++)
		memcpy(doc + n + 4 * i, "</a>", 4);
	CHECK_EQ(parse_n(doc, n + 4 * i), 0);

	for (i = 0; i <= UE_XML_DEPTH_MAX; i++)
		memcpy(doc + 3 * i, "<a>", 3);
	CHECK_EQ(parse_n(doc, 3 * i), EOVERFLOW);
	/* and the error stays */
	CHECK_EQ(xml_next(&x), EOVERFLOW);

	/* namespace declarations */
	strcpy(doc, "<a");
	for (i = 0; i <= UE_XML_NS_MAX; i++) {
		char decl[] = " xmlns:?='u'";

		decl[7] = (char)('a' + i);
		if (i == UE_XML_NS_MAX) {
			CHECK_EQ(parse_n(doc, strlen(doc)), EBADMSG);
		}
		strcat(doc, decl);
	}
	strcat(doc, "/>");
	CHECK_EQ(parse(doc), EOVERFLOW);

	/* attributes */
	strcpy(doc, "<a");
	for (i = 0; i <= XML_ATTRS_MAX; i++) {
		char attr[] = " aa=''";

		attr[1] = (char)('a' + i / 26);
		attr[2] = (char)('a' + i % 26);
		strcat(doc, attr);
	}
	strcat(doc, "/>");
	CHECK_EQ(parse(doc), EOVERFLOW);

	/* length */
	xml_init(&x, doc, (size_t)XML_LEN_MAX + 1);
	CHECK_EQ(xml_next(&x), EOVERFLOW);
}


/* Each prefix of a document is incomplete, and read no further than its end
   (a sanitizer would say so) */
static void test_prefixes(void)
{
	static const char doc[] = "<?xml version='1.0'?><a xmlns:p='u' "
		"p:b='&lt;'><p:c>x&#65;<![CDATA[y]]></p:c><!-- z --></a>";
	char buf[sizeof(doc)];
	size_t n;

	for (n = 0; n < sizeof(doc) - 1; n++) {

		char *p = buf + sizeof(buf) - n;

		memcpy(p, doc, n);
		CHECK_EQ(parse_n(p, n), EBADMSG);
	}

	CHECK_EQ(parse(doc), 0);
}


const struct test_case suite_xml[] = {
	{"XML: start, end, text, CDATA, end of the document", test_events},
	{"XML 1.0 3.1: attributes", test_attributes},
	{"NS 1.0 s6: scope of namespaces", test_namespaces},
	{"XML: the text of an element", test_text},
	{"XML: an element is skipped", test_skip_element},
	{"XML: the elements inside an element", test_children},
	{"XML 1.0 4.1: references; no other entities", test_references},
	{"XML 1.0 2.1: well-formed or refused; no DTD", test_well_formed},
	{"RFC 3629 s3: UTF-8 and legal characters only", test_utf8},
	{"XML: depth, namespaces, attributes, length are bounded",
	 test_bounds},
	{"XML: a document that ends anywhere", test_prefixes},
	{NULL, NULL}
};
