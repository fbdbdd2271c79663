/**
 * @file test_restoration.c  A 504 that asks for an initial registration
 */
#include <string.h>
#include "test/unit/test.h"
#include "ue/ims/restoration.h"

#define PAI "P-Asserted-Identity: <sip:scscf.home.net:5070;lr>\r\n"
#define XML "Content-Type: application/3gpp-ims+xml;sv=\"1\"\r\n"
#define BODY								\
	"<?xml version=\"1.0\"?>\n<ims-3gpp version=\"1\">"		\
	"<alternative-service><type>restoration</type>"			\
	"<reason>gone</reason><action>initial-registration</action>"	\
	"</alternative-service></ims-3gpp>"


static bool wanted(const char *status, const char *hdrs, const char *body)
{
	static struct sip_msg msg;
	static struct ims_reg_info info;
	static struct xml work;
	static char buf[2048];
	int n;

	(void)strcpy(info.service_route,
		     "<sip:a.net;lr>, <sip:scscf.home.net:5070;lr>");
	(void)strcpy(info.path, "<sip:term@pcscf.net;lr>");

	n = re_snprintf(buf, sizeof(buf), "SIP/2.0 %s\r\n"
			"Via: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bKx\r\n"
			"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
			"Call-ID: x\r\nCSeq: 1 SUBSCRIBE\r\n%s"
			"Content-Length: %zu\r\n\r\n%s", status, hdrs,
			strlen(body), body);
	if (n < 0 || sip_msg_parse(&msg, buf, (size_t)n,
				   SIP_FRAMING_DATAGRAM))
		return false;

	return ims_restoration_wanted(&info, &msg, &work);
}


static void test_wanted(void)
{
	CHECK(wanted("504 Server Time-out", PAI XML, BODY));
	/* the P-CSCF, known by Path */
	CHECK(wanted("504 x", "P-Asserted-Identity: "
		     "<sip:term@pcscf.net;lr>\r\n" XML, BODY));
}


static void test_not_wanted(void)
{
	CHECK(!wanted("503 x", PAI XML, BODY));
	CHECK(!wanted("504 x", XML, BODY));
	CHECK(!wanted("504 x", "P-Asserted-Identity: <sip:evil.net>\r\n" XML,
		      BODY));
	CHECK(!wanted("504 x", PAI "Content-Type: text/xml\r\n", BODY));
	CHECK(!wanted("504 x", PAI, ""));
	CHECK(!wanted("504 x", PAI XML, ""));
}


static void test_document(void)
{
	CHECK(!wanted("504 x", PAI XML, "<ims-3gpp><alternative-service>"
		      "<type>emergency</type>"
		      "<action>initial-registration</action>"
		      "</alternative-service></ims-3gpp>"));
	CHECK(!wanted("504 x", PAI XML, "<ims-3gpp><alternative-service>"
		      "<type>restoration</type><action>wait</action>"
		      "</alternative-service></ims-3gpp>"));
	/* in the wrong place */
	CHECK(!wanted("504 x", PAI XML, "<ims-3gpp><other>"
		      "<type>restoration</type>"
		      "<action>initial-registration</action>"
		      "</other></ims-3gpp>"));
	CHECK(!wanted("504 x", PAI XML, "<x><alternative-service>"
		      "<type>restoration</type>"
		      "<action>initial-registration</action>"
		      "</alternative-service></x>"));
	/* cut off */
	CHECK(!wanted("504 x", PAI XML, "<ims-3gpp><alternative-service>"
		      "<type>restoration</type>"
		      "<action>initial-registration</action>"));
}


extern const struct test_case suite_restoration[];
const struct test_case suite_restoration[] = {
	{"TS 24.229 5.1.2A.1.6: 504 with restoration from the own network",
	 test_wanted},
	{"TS 24.229 5.1.2A.1.6: anything missing: an ordinary 504",
	 test_not_wanted},
	{"TS 24.229 7.6: only restoration with initial-registration",
	 test_document},
	{NULL, NULL}
};
