// What the tables of docs/protocol/irc.md say of capabilities and of 005's tokens, beside what the code itself knows.
#pragma once

#include <array>
#include <string_view>

namespace brusio::door::irc {

struct words {
    std::string_view name;
    std::string_view text;
    std::string_view link;  // under https://ircv3.net/specs/
};

inline constexpr std::array capability_words{
    words{"account-notify",
          "`ACCOUNT` when somebody in your channels, or you yourself, logs in to an account or out of it"},
    words{"account-tag", "`account`: as which account somebody says or does something"},
    words{"away-notify", "`AWAY` of the people in your channels"},
    words{"batch", "lines that belong together"},
    words{"cap-notify", "on by itself with `CAP LS 302`; `CAP NEW` tells when a value changes with the configuration"},
    words{"chghost",
          "`CHGHOST` when an operator gives somebody another host; without it they seem to quit and to join again"},
    words{
        "draft/account-registration",
        "that `REGISTER` and `VERIFY` are there; only where passwords may be sent, and not when the configuration has "
        "closed it. `before-connect`: also before the log-in, but never where the server has a password; "
        "`email-required`: a code is sent; `custom-account-name`: the name need not be your nick"},
    words{"draft/channel-rename", "`RENAME`; without it a channel's new name looks like a part and a join"},
    words{"draft/chathistory", "the past by `CHATHISTORY`, and nothing of it by itself"},
    words{"draft/event-playback", "joins, topics, reactions and the like in the past, too"},
    words{"draft/extended-isupport", "`ISUPPORT` before the log-in, and 005 in a batch"},
    words{"draft/message-redaction", "`REDACT`: messages that were taken back; without it, they are not in the past"},
    words{"draft/metadata-2",
          "`METADATA`, and what people and channels say of themselves by it; needs `batch`, and goes not together with "
          "`draft/metadata-3`"},
    words{"draft/metadata-3", "the same, as its later draft has it: changes come as 761 and 766"},
    words{"draft/multiline", "messages of several lines as one"},
    words{"draft/no-implicit-names", "no `NAMES` after your own `JOIN`"},
    words{"draft/pre-away", "`AWAY` before the log-in"},
    words{"draft/read-marker", "how far you have read, on whichever of your clients"},
    words{"echo-message", "your own messages, as the others get them"},
    words{"extended-join", "account and real name in `JOIN`"},
    words{"extended-monitor", "away, real name and host of those whom you monitor"},
    words{"invite-notify", "who is invited to your channels"},
    words{"labeled-response", "answers with the label of their command; needs `batch`"},
    words{"message-tags", "tags: `msgid`, `bot`, and clients' own (`+typing`, `+draft/react`, `+draft/reply`)"},
    words{"multi-prefix", "all ranks of a member, not only the highest"},
    words{"no-implicit-names", "the same, under its later name"},
    words{"sasl",
          "`AUTHENTICATE`; only where passwords may be sent. `EXTERNAL` is in the value when your client has shown a "
          "certificate"},
    words{"server-time", "`time` of what happens, in UTC"},
    words{"setname", "`SETNAME` of the people in your channels"},
    words{"soju.im/search", "`SEARCH` in a batch; without it the command works as well"},
    words{
        "standard-replies",
        "`NOTE` and `FAIL` where operators are answered by a `NOTICE` otherwise; other `FAIL`s are sent to everybody"},
    words{"sts",
          "that there is TLS; only when the server's configuration says so, and over TLS only to who named a host that "
          "the certificate is for. Cannot be asked for"},
    words{"userhost-in-names", "whole masks in `NAMES`"},
    words{"znc.in/self-message", "your own direct messages, when you said them on another of your clients"},
};

inline constexpr std::array token_words{
    words{"ACCOUNTEXTBAN", "the letter of a mask that means an account: `$a:name`", "extensions/account-extban"},
    words{"AWAYLEN", "bytes of an away text; more is cut"},
    words{"BOT", "the user mode of programs, and their letter in `WHO`", "extensions/bot-mode"},
    words{"CASEMAPPING", "how names are compared by clients that do not know `UTF8MAPPING`"},
    words{"CHANLIMIT", "channels that one may be in; configured"},
    words{"CHANMODES", "channel modes by kind: lists, always with a value, with a value when set, never with one"},
    words{"CHANNELLEN", "bytes of a channel's name"},
    words{"CHANTYPES", "what a channel's name begins with"},
    words{"CHATHISTORY", "messages of one answer", "extensions/chathistory"},
    words{"CLIENTTAGDENY", "client-only tags that the server drops; only when some are configured",
          "extensions/message-tags"},
    words{"ELIST", "what `LIST` can choose by: creation, mask, not mask, topic time, users"},
    words{"EXCEPTS", "the mode of ban exceptions"},
    words{"EXTBAN", "`$a:account` and, in bans, `$m:mask`: may be there, but not speak"},
    words{"INVEX", "the mode of invite exceptions"},
    words{"KEYLEN", "bytes of a channel's key"},
    words{"KICKLEN", "bytes of a reason; more is cut"},
    words{"MAXLIST", "entries of all lists of a channel together"},
    words{"MAXTARGETS", "targets of one command"},
    words{"MODES", "changes with a value in one `MODE`"},
    words{"MONITOR", "nicks that one may monitor", "extensions/monitor"},
    words{"MSGREFTYPES", "by what `CHATHISTORY` is told a message", "extensions/chathistory"},
    words{"NAMELEN", "bytes of a real name"},
    words{"NETWORK", "the network's name; configured"},
    words{"NICKLEN", "bytes of a nick"},
    words{"PREFIX", "ranks and their signs, highest first"},
    words{"SAFELIST", "`LIST` does not flood you off"},
    words{"SILENCE", "masks that one may silence"},
    words{"STATUSMSG", "`@#channel` reaches operators and above"},
    words{"TARGMAX", "targets of each command; nothing behind the colon: no limit but the line"},
    words{"TOPICLEN", "bytes of a topic; more is cut"},
    words{"USERLEN", "bytes of a user name, with its `~`"},
    words{"USERMODES", "user modes, in the four kinds of `CHANMODES`"},
    words{"UTF8MAPPING", "how names are compared: NFKC case folding"},
    words{"UTF8ONLY", "lines that are not UTF-8 are refused", "extensions/utf8-only"},
    words{"WHOX", "`WHO` with fields", "extensions/whox"},
    words{"draft/ACCOUNTREQUIRED", "nobody comes in without an account; only when it is so",
          "extensions/account-registration"},
    words{"draft/ICON", "a picture's URL; only when one is configured", "extensions/network-icon"},
};

}  // namespace brusio::door::irc
