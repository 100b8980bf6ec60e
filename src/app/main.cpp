// The heliograph command: parses the command line and hands over to one of its verbs.

#include <cstdlib>
#include <iostream>
#include <memory>
#include <new>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/cert.hpp"
#include "app/check.hpp"
#include "app/completion.hpp"
#include "app/connect.hpp"
#include "app/exit_status.hpp"
#include "app/manual.hpp"
#include "app/serve.hpp"
#include "app/ticket.hpp"
#include "app/user.hpp"
#include "server/log_text.hpp"

namespace heliograph::app {
namespace {

// The keys of the configuration file are the options of `serve`.
class ServeConfig : public CLI::ConfigTOML {
 public:
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> keys = CLI::ConfigTOML::from_config(input);
    for (CLI::ConfigItem& key : keys) key.parents.insert(key.parents.begin(), "serve");
    return keys;
  }
};

int run(int argc, char** argv) {
  CLI::App app("heliograph: a WebRTC signaling server", "heliograph");
  app.require_subcommand(1);
  app.set_config("--config", "", "TOML file with the options of 'serve' as keys")
      ->type_name("FILE");
  app.config_formatter(std::make_shared<ServeConfig>());
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_version_flag("--version", "heliograph " HELIOGRAPH_VERSION);

  ServeCommand serve;
  serve.define(*app.add_subcommand("serve", "Run the server"));
  UserCommand user;
  user.define(*app.add_subcommand("user", "Manage the users who may log in"));
  TicketCommand ticket;
  ticket.define(*app.add_subcommand("ticket", "Make a ticket that lets a user in"));
  CertCommand cert;
  cert.define(*app.add_subcommand("cert", "Make certificates for servers and users"));
  CheckCommand check;
  check.define(*app.add_subcommand("check", "Look at what 'serve' would need, before it does"));
  ConnectCommand connect;
  connect.define(*app.add_subcommand("connect", "Talk to a server by TLS, HTTPS or WebSocket"));
  CompletionCommand completion;
  completion.define(*app.add_subcommand("completion", "Print what makes a shell complete"), app);
  app.add_subcommand("manual", "Print the manual page, for 'man -l -'")->callback([&app] {
    std::cout << manual_page(command_tree(app));
  });
  app.add_subcommand("version", "Print the version")->callback([] {
    std::cout << "heliograph " HELIOGRAPH_VERSION "\n";
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    std::cerr << "heliograph: " << error.what() << "\nTry 'heliograph --help'.\n";
    return EX_USAGE;
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace heliograph::app

int main(int argc, char** argv) {
  try {
    return heliograph::app::run(argc, argv);
  } catch (const heliograph::app::Failure& failure) {
    std::cerr << "heliograph: " << heliograph::server::printable(failure.what()) << '\n';
    return failure.status();
  } catch (const std::exception& error) {
    std::cerr << "heliograph: " << error.what() << '\n';
    return EX_SOFTWARE;
  }
}
