#include "app/manual.hpp"

#include <set>
#include <string_view>
#include <utility>

namespace heliograph::app {

namespace {

constexpr std::string_view kBegin = R"(.Dd November 30, 2026
.Dt HELIOGRAPH 1
.Os heliograph )" HELIOGRAPH_VERSION R"(
.Sh NAME
.Nm heliograph
.Nd WebRTC signaling server
.Sh SYNOPSIS
)";

constexpr std::string_view kDescription = R"(.Sh DESCRIPTION
.Nm
carries the offers, answers and ICE candidates that two browsers need to connect directly, between users who
log in with a name and a password.
It speaks WebSocket over TLS 1.3, on port 9090 unless told otherwise.
.Pp
Every option of
.Nm Cm serve
is also a key of the file of
.Fl \-config ,
and most are environment variables.
The command line counts most, then the environment, then the file.
.Sh COMMANDS
)";

constexpr std::string_view kEnd = R"(.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/heliograph/heliograph.toml
configuration of the system's service
.It Pa /var/lib/heliograph
its state: the users file
.El
.Sh SIGNALS
.Bl -tag -width SIGTERM
.It Dv SIGHUP
read again what can change while the server runs, certificates among it
.It Dv SIGTERM , SIGINT
say goodbye to every client, and end; a second one ends at once
.El
.Sh EXIT STATUS
0 when done, or ended by a signal as asked.
Otherwise one of
.In sysexits.h ,
with one line on standard error that says what to do:
.Bl -tag -width Ds
.It 64
an option is unknown or its value wrong
.It 65
data given to the command are wrong
.It 66
a file cannot be read
.It 67
there is no such user
.It 68
the name of the server to connect to has no address
.It 69
an address is in use, or a server cannot be reached
.It 70
a fault of
.Nm
itself
.It 73 , 74
a file cannot be written
.It 76
a server refuses us or breaks a protocol
.It 77
the certificate of a server is not to be believed, or Redis refuses
.It 78
certificate and key cannot be used
.El
.Sh EXAMPLES
Make an authority and a certificate, add a user, look whether all is well, and serve:
.Bd -literal -offset indent
heliograph cert ca
heliograph cert server example.org
heliograph user add anna
heliograph check
heliograph serve
.Ed
.Sh SEE ALSO
.Xr systemctl 1
.Sh STANDARDS
RFC 9846 (TLS 1.3), RFC 9112 (HTTP/1.1), RFC 6455 (WebSocket), RFC 7692 (permessage-deflate).
)";

std::string without_dash(std::string_view name) {
  return std::string(name.substr(1));
}

// Text in lines, one for each sentence: what roff would take for its own is escaped.
std::string text_lines(std::string_view text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool begins = lines.empty() || lines.back() == '\n';
    if (begins && (c == '.' || c == '\'')) lines += "\\&";
    if (c == ' ' && i > 0 && text[i - 1] == '.') {
      lines += '\n';
    } else if (c == '\\') {
      lines += "\\e";
    } else if (c == '-') {
      lines += "\\-";
    } else if (c == '"') {
      lines += "\\(dq";
    } else {
      lines += c;
    }
  }
  return lines + "\n";
}

// A word in a line that begins with a macro.
std::string argument(std::string_view text) {
  std::string line = text_lines(text);
  line.pop_back();
  return "\"" + line + "\"";
}

std::string value(const Parameter& parameter) {
  return parameter.kind == ValueKind::kNone ? "" : " Ar " + argument(parameter.value);
}

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string describe(const Parameter& parameter) {
  std::string text = text_lines(parameter.description + ".");
  if (!parameter.choices.empty()) text += text_lines("One of " + list(parameter.choices) + ".");
  if (!parameter.range.empty()) text += text_lines("Range: " + parameter.range + ".");
  if (!parameter.default_value.empty()) {
    text += text_lines("Default: " + parameter.default_value + ".");
  }
  if (!parameter.environment.empty()) text += ".Pq Ev " + parameter.environment + "\n";
  return text;
}

std::string describe_option(const Parameter& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "Fl " : " , Fl ") + argument(without_dash(name));
  }
  return ".It " + names + value(option) + "\n" + describe(option);
}

// What other commands have said already is named, and not said again.
using Said = std::set<std::pair<std::string, std::string>>;

std::string options(const Command& command, Said& said) {
  std::string described;
  std::string named;
  for (const Parameter& positional : command.positionals) {
    described += ".It Ar " + argument(positional.names.front()) + "\n" + describe(positional);
  }
  for (const Parameter& option : command.options) {
    const std::string& name = option.names.back();
    if (name == "--help") continue;
    if (said.emplace(name, option.description).second) {
      described += describe_option(option);
    } else {
      named += (named.empty() ? "" : " ,\n.Fl ") + argument(without_dash(name));
    }
  }
  if (!described.empty()) described = ".Bl -tag -width Ds\n" + described + ".El\n";
  if (!named.empty()) described += ".Pp\nAs above:\n.Fl " + named + " .\n";
  return described;
}

}  // namespace

std::string manual_page(const Command& root) {
  std::string synopsis;
  std::string commands;
  Said said;
  for (const Command* const command : all_commands(root)) {
    if (command == &root || !command->commands.empty()) continue;
    const std::string path = command->path.substr(root.path.size() + 1);
    std::string positionals;
    for (const Parameter& positional : command->positionals) {
      positionals += " Ar " + argument(positional.names.front());
    }
    synopsis += ".Nm\n.Cm " + path + "\n.Op Ar options\n";
    if (!positionals.empty()) synopsis += "." + positionals.substr(1) + "\n";
    commands += ".Ss heliograph " + path + "\n" + text_lines(command->description + ".") +
                options(*command, said);
  }
  return std::string(kBegin) + synopsis + std::string(kDescription) + commands + std::string(kEnd);
}

}  // namespace heliograph::app
