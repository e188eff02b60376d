/** What is typed into a telephone of each make so that it asks this server: settings under the names of the telephone's own pages. Pure. */

export interface Asked {
  server: string;
  port: number;
  tls: boolean;
  base: string;
  /** Empty: it need not bind. */
  user: string;
}

export interface PhoneValue {
  /** As the telephone calls it. */
  setting: string;
  value: string;
  /** What cannot be copied: it is chosen there, or only its owner knows it. */
  kind?: "choice" | "password";
}

export interface Make {
  /** The id of its template. */
  id: string;
  name: string;
  /** Where on the telephone. */
  where: string;
  values: (asked: Asked) => PhoneValue[];
}

const text = (setting: string, value: string): PhoneValue => ({ setting, value });
const choice = (setting: string, value: string): PhoneValue => ({ setting, value, kind: "choice" });
const bound = (asked: Asked, user: string, password: string): PhoneValue[] =>
  asked.user ? [text(user, asked.user), { setting: password, value: "", kind: "password" }] : [];
const url = (asked: Asked): string => `${asked.tls ? "ldaps" : "ldap"}://${asked.server.includes(":") ? `[${asked.server}]` : asked.server}:${asked.port}`;

export const MAKES: readonly Make[] = [
  {
    id: "snom", name: "snom", where: "Setup → Directory → LDAP",
    values: (asked) => [
      text("Server Address", asked.tls ? url(asked) : asked.server), text("Port", String(asked.port)), text("Base", asked.base),
      ...bound(asked, "Username", "Password"), text("Max. Hits", "50"),
      text("LDAP name filter", "(&(telephoneNumber=*)(sn=%))"), text("LDAP number filter", "(&(telephoneNumber=%)(sn=*))"),
      text("LDAP name attributes", "cn sn givenName o"), text("LDAP number attributes", "telephoneNumber mobile homePhone"), text("LDAP display name", "%cn"),
    ],
  },
  {
    id: "yealink", name: "Yealink", where: "Directory → LDAP",
    values: (asked) => [
      choice("LDAP TLS Mode", asked.tls ? "LDAPs" : "LDAP"), text("LDAP Name Filter", "(|(cn=%)(sn=%))"),
      text("LDAP Number Filter", "(|(telephoneNumber=%)(mobile=%)(ipPhone=%))"), text("Server Address", asked.server), text("Port", String(asked.port)),
      text("Base", asked.base), ...bound(asked, "User Name", "Password"), text("Max Hits", "50"),
      text("LDAP Name Attributes", "cn sn"), text("LDAP Number Attributes", "telephoneNumber mobile ipPhone"), text("LDAP Display Name", "%cn"),
      choice("Protocol", "Version 3"),
    ],
  },
  {
    id: "grandstream", name: "Grandstream", where: "Phonebook → LDAP",
    values: (asked) => [
      choice("LDAP Protocol", asked.tls ? "LDAPS" : "LDAP"), text("Server Address", asked.server), text("Port", String(asked.port)), text("Base", asked.base),
      ...bound(asked, "User Name", "Password"), text("LDAP Name Filter", "(|(cn=%)(sn=%))"), text("LDAP Number Filter", "(|(telephoneNumber=%)(Mobile=%))"),
      choice("LDAP Version", "Version 3"), text("LDAP Name Attributes", "cn sn"), text("LDAP Number Attributes", "telephoneNumber Mobile"),
      text("LDAP Displaying Name Attributes", "cn"), text("Max Hits", "50"),
    ],
  },
  {
    id: "gigaset", name: "Gigaset", where: "Settings → Online directories → Corporate directory",
    values: (asked) => [
      text("Server address", asked.server), text("Server port", String(asked.port)), choice("Security", asked.tls ? "SSL/TLS" : "None"),
      text("LDAP Search base", asked.base), ...bound(asked, "User name", "Password"),
      text("Name filter", "(|(sn=%)(givenName=%))"), text("Number filter", "(|(telephoneNumber=%)(mobile=%)(homePhone=%))"), text("Display format", "%sn, %givenName"),
    ],
  },
  {
    id: "cisco", name: "Cisco", where: "Voice → Phone → LDAP",
    values: (asked) => [
      choice("LDAP Dir Enable", "Yes"), text("Server", url(asked)), text("Search Base", asked.base), choice("Auth Method", asked.user ? "Simple" : "None"),
      ...bound(asked, "Client DN", "Password"), text("Last Name Filter", "sn:(sn=$VALUE*)"), text("First Name Filter", "cn:(givenName=$VALUE*)"),
      text("Display Attrs", "a=cn,n=Name,t=n;a=telephoneNumber,n=Phone,t=p;a=mobile,n=Mobile,t=p;a=ipPhone,n=Phone 2,t=p"),
    ],
  },
  {
    id: "polycom", name: "Polycom", where: "Utilities → Import & Export Configuration",
    values: (asked) => [
      text("dir.corp.address", asked.server), text("dir.corp.port", String(asked.port)), text("dir.corp.transport", asked.tls ? "TLS" : "TCP"),
      text("dir.corp.baseDN", asked.base), ...bound(asked, "dir.corp.user", "dir.corp.password"), text("dir.corp.scope", "sub"),
      text("dir.corp.filterPrefix", "(objectClass=person)"), text("dir.corp.attribute.1.name", "sn"), text("dir.corp.attribute.2.name", "givenName"),
      text("dir.corp.attribute.3.name", "telephoneNumber"), text("dir.corp.backGroundSync", "0"),
    ],
  },
  {
    id: "innovaphone", name: "innovaphone", where: "PBX → Reverse Lookup",
    values: (asked) => [
      text("Server", asked.server), text("Port", String(asked.port)), choice("TLS", asked.tls ? "on" : "off"), ...bound(asked, "Username", "Password"),
      text("Search Base", asked.base), text("Filter", "(metaSearchNumber=+%n)"), text("Attributes", "givenname,sn,company"),
      text("Object Filter", "(objectclass=inetOrgPerson)"), text("Number Attributes", "telephoneNumber,mobile,homePhone"),
    ],
  },
  {
    id: "ios", name: "iOS, macOS", where: "Contacts → Accounts → Add Account → Other → LDAP",
    values: (asked) => [
      text("Server", `${asked.server}:${asked.port}`), ...bound(asked, "User Name", "Password"), choice("Use SSL", asked.tls ? "on" : "off"),
      choice("Search Settings: Scope", "Subtree"), text("Search Settings: Base", asked.base),
    ],
  },
  {
    id: "outlook", name: "Outlook", where: "Account Settings → Address Books → New → Internet Directory Service (LDAP)",
    values: (asked) => [
      text("Server Name", asked.server), ...bound(asked, "User Name", "Password"), text("Connection: Port", String(asked.port)),
      choice("Use Secure Sockets Layer", asked.tls ? "on" : "off"), text("Search: Custom", asked.base),
    ],
  },
];
