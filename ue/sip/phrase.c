/**
 * @file phrase.c  Reason phrases of the status codes that a UA sends
 */
#include "ue/sip/writer.h"


const char *sip_phrase(uint16_t code)
{
	/* code as three digits, phrase, zero; in one string, so that no
	   pointers are needed (RFC 3261 s21 and the IANA registry) */
	static const char phrases[] =
		"100Trying\0"
		"180Ringing\0"
		"181Call Is Being Forwarded\0"
		"182Queued\0"
		"183Session Progress\0"
		"199Early Dialog Terminated\0"
		"200OK\0"
		"202Accepted\0"
		"204No Notification\0"
		"302Moved Temporarily\0"
		"400Bad Request\0"
		"403Forbidden\0"
		"404Not Found\0"
		"405Method Not Allowed\0"
		"406Not Acceptable\0"
		"408Request Timeout\0"
		"413Request Entity Too Large\0"
		"415Unsupported Media Type\0"
		"416Unsupported URI Scheme\0"
		"420Bad Extension\0"
		"421Extension Required\0"
		"422Session Interval Too Small\0"
		"423Interval Too Brief\0"
		"480Temporarily Unavailable\0"
		"481Call/Transaction Does Not Exist\0"
		"482Loop Detected\0"
		"483Too Many Hops\0"
		"486Busy Here\0"
		"487Request Terminated\0"
		"488Not Acceptable Here\0"
		"489Bad Event\0"
		"491Request Pending\0"
		"493Undecipherable\0"
		"500Server Internal Error\0"
		"501Not Implemented\0"
		"503Service Unavailable\0"
		"504Server Time-out\0"
		"505Version Not Supported\0"
		"513Message Too Large\0"
		"580Precondition Failure\0"
		"600Busy Everywhere\0"
		"603Decline\0"
		"606Not Acceptable\0";

	for (const char *p = phrases; *p; ++p) {
		if ((p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0') ==
		    code)
			return p + 3;
		while (*p)
			++p;
	}

	return "";
}
