ALTER «kind» «name» OWNER TO «owner»;

REVOKE ALL ON «name» FROM PUBLIC;

