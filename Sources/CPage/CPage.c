// The files of the page, in the order of the table. `#embed` puts their bytes here as the file is
// compiled, so there is no build step and nothing to install beside the binary.
#include "CPage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "files/index.html"
};
static const unsigned char charts_css[] = {
#embed "files/charts.css"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char main_js[] = {
#embed "files/main.js"
};
static const unsigned char print_css[] = {
#embed "files/print.css"
};
static const unsigned char style_css[] = {
#embed "files/style.css"
};
static const unsigned char theme_js[] = {
#embed "files/theme.js"
};
static const unsigned char charts_cursor_js[] = {
#embed "files/charts/cursor.js"
};
static const unsigned char charts_distance_js[] = {
#embed "files/charts/distance.js"
};
static const unsigned char charts_fleet_js[] = {
#embed "files/charts/fleet.js"
};
static const unsigned char charts_frame_js[] = {
#embed "files/charts/frame.js"
};
static const unsigned char charts_gauge_js[] = {
#embed "files/charts/gauge.js"
};
static const unsigned char charts_lines_js[] = {
#embed "files/charts/lines.js"
};
static const unsigned char charts_map_js[] = {
#embed "files/charts/map.js"
};
static const unsigned char charts_moves_js[] = {
#embed "files/charts/moves.js"
};
static const unsigned char charts_ruler_js[] = {
#embed "files/charts/ruler.js"
};
static const unsigned char charts_spark_js[] = {
#embed "files/charts/spark.js"
};
static const unsigned char core_alerts_js[] = {
#embed "files/core/alerts.js"
};
static const unsigned char core_api_js[] = {
#embed "files/core/api.js"
};
static const unsigned char core_decimal_js[] = {
#embed "files/core/decimal.js"
};
static const unsigned char core_dom_js[] = {
#embed "files/core/dom.js"
};
static const unsigned char core_format_js[] = {
#embed "files/core/format.js"
};
static const unsigned char core_key_js[] = {
#embed "files/core/key.js"
};
static const unsigned char core_live_js[] = {
#embed "files/core/live.js"
};
static const unsigned char core_router_js[] = {
#embed "files/core/router.js"
};
static const unsigned char core_sse_js[] = {
#embed "files/core/sse.js"
};
static const unsigned char core_stream_js[] = {
#embed "files/core/stream.js"
};
static const unsigned char core_trail_js[] = {
#embed "files/core/trail.js"
};
static const unsigned char core_verified_js[] = {
#embed "files/core/verified.js"
};
static const unsigned char core_words_js[] = {
#embed "files/core/words.js"
};
static const unsigned char parts_alerts_js[] = {
#embed "files/parts/alerts.js"
};
static const unsigned char parts_band_js[] = {
#embed "files/parts/band.js"
};
static const unsigned char parts_demo_js[] = {
#embed "files/parts/demo.js"
};
static const unsigned char parts_distance_js[] = {
#embed "files/parts/distance.js"
};
static const unsigned char parts_events_js[] = {
#embed "files/parts/events.js"
};
static const unsigned char parts_figures_js[] = {
#embed "files/parts/figures.js"
};
static const unsigned char parts_history_js[] = {
#embed "files/parts/history.js"
};
static const unsigned char parts_keyboard_js[] = {
#embed "files/parts/keyboard.js"
};
static const unsigned char parts_liquidations_js[] = {
#embed "files/parts/liquidations.js"
};
static const unsigned char parts_markets_js[] = {
#embed "files/parts/markets.js"
};
static const unsigned char parts_marks_js[] = {
#embed "files/parts/marks.js"
};
static const unsigned char parts_masthead_js[] = {
#embed "files/parts/masthead.js"
};
static const unsigned char parts_moves_js[] = {
#embed "files/parts/moves.js"
};
static const unsigned char parts_panel_js[] = {
#embed "files/parts/panel.js"
};
static const unsigned char parts_past_js[] = {
#embed "files/parts/past.js"
};
static const unsigned char parts_positions_js[] = {
#embed "files/parts/positions.js"
};
static const unsigned char parts_rules_js[] = {
#embed "files/parts/rules.js"
};
static const unsigned char parts_search_js[] = {
#embed "files/parts/search.js"
};
static const unsigned char parts_sliders_js[] = {
#embed "files/parts/sliders.js"
};
static const unsigned char parts_stamp_js[] = {
#embed "files/parts/stamp.js"
};
static const unsigned char parts_supposition_js[] = {
#embed "files/parts/supposition.js"
};
static const unsigned char parts_table_js[] = {
#embed "files/parts/table.js"
};
static const unsigned char parts_then_js[] = {
#embed "files/parts/then.js"
};
static const unsigned char parts_tiers_js[] = {
#embed "files/parts/tiers.js"
};
static const unsigned char parts_timeline_js[] = {
#embed "files/parts/timeline.js"
};
static const unsigned char parts_totals_js[] = {
#embed "files/parts/totals.js"
};
static const unsigned char parts_trouble_js[] = {
#embed "files/parts/trouble.js"
};
static const unsigned char parts_verification_js[] = {
#embed "files/parts/verification.js"
};
static const unsigned char parts_whatif_js[] = {
#embed "files/parts/whatif.js"
};
static const unsigned char parts_why_js[] = {
#embed "files/parts/why.js"
};
static const unsigned char screens_account_js[] = {
#embed "files/screens/account.js"
};
static const unsigned char screens_accounts_js[] = {
#embed "files/screens/accounts.js"
};
static const unsigned char screens_adl_js[] = {
#embed "files/screens/adl.js"
};
static const unsigned char screens_alerts_js[] = {
#embed "files/screens/alerts.js"
};
static const unsigned char screens_bridge_js[] = {
#embed "files/screens/bridge.js"
};
static const unsigned char screens_health_js[] = {
#embed "files/screens/health.js"
};
static const unsigned char screens_map_js[] = {
#embed "files/screens/map.js"
};
static const unsigned char screens_receipt_js[] = {
#embed "files/screens/receipt.js"
};
static const unsigned char screens_time_js[] = {
#embed "files/screens/time.js"
};

#define PLIMSOLL_FILE(path, type, bytes) {path, type, bytes, sizeof bytes}

static const struct plimsoll_page_file files[] = {
    PLIMSOLL_FILE("/index.html", "text/html; charset=utf-8", index_html),
    PLIMSOLL_FILE("/charts.css", "text/css; charset=utf-8", charts_css),
    PLIMSOLL_FILE("/icon.svg", "image/svg+xml", icon_svg),
    PLIMSOLL_FILE("/main.js", "text/javascript; charset=utf-8", main_js),
    PLIMSOLL_FILE("/print.css", "text/css; charset=utf-8", print_css),
    PLIMSOLL_FILE("/style.css", "text/css; charset=utf-8", style_css),
    PLIMSOLL_FILE("/theme.js", "text/javascript; charset=utf-8", theme_js),
    PLIMSOLL_FILE("/charts/cursor.js", "text/javascript; charset=utf-8", charts_cursor_js),
    PLIMSOLL_FILE("/charts/distance.js", "text/javascript; charset=utf-8", charts_distance_js),
    PLIMSOLL_FILE("/charts/fleet.js", "text/javascript; charset=utf-8", charts_fleet_js),
    PLIMSOLL_FILE("/charts/frame.js", "text/javascript; charset=utf-8", charts_frame_js),
    PLIMSOLL_FILE("/charts/gauge.js", "text/javascript; charset=utf-8", charts_gauge_js),
    PLIMSOLL_FILE("/charts/lines.js", "text/javascript; charset=utf-8", charts_lines_js),
    PLIMSOLL_FILE("/charts/map.js", "text/javascript; charset=utf-8", charts_map_js),
    PLIMSOLL_FILE("/charts/moves.js", "text/javascript; charset=utf-8", charts_moves_js),
    PLIMSOLL_FILE("/charts/ruler.js", "text/javascript; charset=utf-8", charts_ruler_js),
    PLIMSOLL_FILE("/charts/spark.js", "text/javascript; charset=utf-8", charts_spark_js),
    PLIMSOLL_FILE("/core/alerts.js", "text/javascript; charset=utf-8", core_alerts_js),
    PLIMSOLL_FILE("/core/api.js", "text/javascript; charset=utf-8", core_api_js),
    PLIMSOLL_FILE("/core/decimal.js", "text/javascript; charset=utf-8", core_decimal_js),
    PLIMSOLL_FILE("/core/dom.js", "text/javascript; charset=utf-8", core_dom_js),
    PLIMSOLL_FILE("/core/format.js", "text/javascript; charset=utf-8", core_format_js),
    PLIMSOLL_FILE("/core/key.js", "text/javascript; charset=utf-8", core_key_js),
    PLIMSOLL_FILE("/core/live.js", "text/javascript; charset=utf-8", core_live_js),
    PLIMSOLL_FILE("/core/router.js", "text/javascript; charset=utf-8", core_router_js),
    PLIMSOLL_FILE("/core/sse.js", "text/javascript; charset=utf-8", core_sse_js),
    PLIMSOLL_FILE("/core/stream.js", "text/javascript; charset=utf-8", core_stream_js),
    PLIMSOLL_FILE("/core/trail.js", "text/javascript; charset=utf-8", core_trail_js),
    PLIMSOLL_FILE("/core/verified.js", "text/javascript; charset=utf-8", core_verified_js),
    PLIMSOLL_FILE("/core/words.js", "text/javascript; charset=utf-8", core_words_js),
    PLIMSOLL_FILE("/parts/alerts.js", "text/javascript; charset=utf-8", parts_alerts_js),
    PLIMSOLL_FILE("/parts/band.js", "text/javascript; charset=utf-8", parts_band_js),
    PLIMSOLL_FILE("/parts/demo.js", "text/javascript; charset=utf-8", parts_demo_js),
    PLIMSOLL_FILE("/parts/distance.js", "text/javascript; charset=utf-8", parts_distance_js),
    PLIMSOLL_FILE("/parts/events.js", "text/javascript; charset=utf-8", parts_events_js),
    PLIMSOLL_FILE("/parts/figures.js", "text/javascript; charset=utf-8", parts_figures_js),
    PLIMSOLL_FILE("/parts/history.js", "text/javascript; charset=utf-8", parts_history_js),
    PLIMSOLL_FILE("/parts/keyboard.js", "text/javascript; charset=utf-8", parts_keyboard_js),
    PLIMSOLL_FILE("/parts/liquidations.js", "text/javascript; charset=utf-8", parts_liquidations_js),
    PLIMSOLL_FILE("/parts/markets.js", "text/javascript; charset=utf-8", parts_markets_js),
    PLIMSOLL_FILE("/parts/marks.js", "text/javascript; charset=utf-8", parts_marks_js),
    PLIMSOLL_FILE("/parts/masthead.js", "text/javascript; charset=utf-8", parts_masthead_js),
    PLIMSOLL_FILE("/parts/moves.js", "text/javascript; charset=utf-8", parts_moves_js),
    PLIMSOLL_FILE("/parts/panel.js", "text/javascript; charset=utf-8", parts_panel_js),
    PLIMSOLL_FILE("/parts/past.js", "text/javascript; charset=utf-8", parts_past_js),
    PLIMSOLL_FILE("/parts/positions.js", "text/javascript; charset=utf-8", parts_positions_js),
    PLIMSOLL_FILE("/parts/rules.js", "text/javascript; charset=utf-8", parts_rules_js),
    PLIMSOLL_FILE("/parts/search.js", "text/javascript; charset=utf-8", parts_search_js),
    PLIMSOLL_FILE("/parts/sliders.js", "text/javascript; charset=utf-8", parts_sliders_js),
    PLIMSOLL_FILE("/parts/stamp.js", "text/javascript; charset=utf-8", parts_stamp_js),
    PLIMSOLL_FILE("/parts/supposition.js", "text/javascript; charset=utf-8", parts_supposition_js),
    PLIMSOLL_FILE("/parts/table.js", "text/javascript; charset=utf-8", parts_table_js),
    PLIMSOLL_FILE("/parts/then.js", "text/javascript; charset=utf-8", parts_then_js),
    PLIMSOLL_FILE("/parts/tiers.js", "text/javascript; charset=utf-8", parts_tiers_js),
    PLIMSOLL_FILE("/parts/timeline.js", "text/javascript; charset=utf-8", parts_timeline_js),
    PLIMSOLL_FILE("/parts/totals.js", "text/javascript; charset=utf-8", parts_totals_js),
    PLIMSOLL_FILE("/parts/trouble.js", "text/javascript; charset=utf-8", parts_trouble_js),
    PLIMSOLL_FILE("/parts/verification.js", "text/javascript; charset=utf-8", parts_verification_js),
    PLIMSOLL_FILE("/parts/whatif.js", "text/javascript; charset=utf-8", parts_whatif_js),
    PLIMSOLL_FILE("/parts/why.js", "text/javascript; charset=utf-8", parts_why_js),
    PLIMSOLL_FILE("/screens/account.js", "text/javascript; charset=utf-8", screens_account_js),
    PLIMSOLL_FILE("/screens/accounts.js", "text/javascript; charset=utf-8", screens_accounts_js),
    PLIMSOLL_FILE("/screens/adl.js", "text/javascript; charset=utf-8", screens_adl_js),
    PLIMSOLL_FILE("/screens/alerts.js", "text/javascript; charset=utf-8", screens_alerts_js),
    PLIMSOLL_FILE("/screens/bridge.js", "text/javascript; charset=utf-8", screens_bridge_js),
    PLIMSOLL_FILE("/screens/health.js", "text/javascript; charset=utf-8", screens_health_js),
    PLIMSOLL_FILE("/screens/map.js", "text/javascript; charset=utf-8", screens_map_js),
    PLIMSOLL_FILE("/screens/receipt.js", "text/javascript; charset=utf-8", screens_receipt_js),
    PLIMSOLL_FILE("/screens/time.js", "text/javascript; charset=utf-8", screens_time_js),
};

size_t plimsoll_page_count(void) { return sizeof files / sizeof files[0]; }

const struct plimsoll_page_file *plimsoll_page_file(size_t index) {
    return index < plimsoll_page_count() ? &files[index] : NULL;
}
