// W2 in C, one thread: one instrument after another ticks; which accounts are in breach?
// Equity and maintenance of every account are kept; a tick goes through all holders of its
// instrument. An account counts as down if it was in breach at the start or after any tick.
// c-scan       both lines of every holder computed anew
// c-scan-best  positions in the first bracket take a short cut, accounts are fetched ahead
// Build: cc -O3 -march=native -o w2 w2.c -lm
// Usage: w2 DIR            the six tick files of DIR
//        w2 scaling DIR    the books of DIR/scaling, each with its own ticks
#include "peers.h"
#include <math.h>

enum { BRACKETS = 5, RUNS = 3, PREFIX_TICKS = 100, AHEAD = 16 };

typedef struct {
    uint32_t instrument, zero;
    double mark;
} tick;

typedef void scan(tick);

static size_t accounts, positions, instruments;
static uint32_t *ends;
static uint16_t *instrument_of;
static double *quantity, *entry, *wallet, *start_mark;
static double *bracket_floor, *bracket_rate, *bracket_deduction;

// The positions once more, by instrument: what a tick goes through.
static uint32_t *holder_ends, *holder;
static double *held;

static double *mark, *equity, *required;
static uint8_t *down;

// Rates rise from bracket to bracket, so the line of the right bracket is the highest.
static inline double maintenance(size_t instrument, double notional) {
    const double *rates = bracket_rate + instrument * BRACKETS;
    const double *deductions = bracket_deduction + instrument * BRACKETS;
    double highest = notional * rates[0];
    for (int bracket = 1; bracket < BRACKETS; bracket++) {
        double line = notional * rates[bracket] - deductions[bracket];
        highest = line > highest ? line : highest;
    }
    return highest;
}

static void start_over(void) {
    memcpy(mark, start_mark, 8 * instruments);
    for (size_t account = 0; account < accounts; account++) {
        double value = wallet[account], margin = 0;
        for (uint32_t p = ends[account]; p < ends[account + 1]; p++) {
            size_t instrument = instrument_of[p];
            value += quantity[p] * (mark[instrument] - entry[p]);
            margin += maintenance(instrument, fabs(quantity[p]) * mark[instrument]);
        }
        equity[account] = value;
        required[account] = margin;
        down[account] = value < margin;
    }
}

static void scan_plain(tick tick) {
    size_t instrument = tick.instrument;
    double before = mark[instrument], after = tick.mark, moved = after - before;
    for (uint32_t h = holder_ends[instrument]; h < holder_ends[instrument + 1]; h++) {
        uint32_t account = holder[h];
        double size = fabs(held[h]);
        double value = equity[account] += held[h] * moved;
        double margin = required[account] +=
            maintenance(instrument, size * after) - maintenance(instrument, size * before);
        if (value < margin) down[account] = 1;
    }
    mark[instrument] = after;
}

static void scan_best(tick tick) {
    size_t instrument = tick.instrument;
    double before = mark[instrument], after = tick.mark, moved = after - before;
    double first_size = bracket_floor[instrument * BRACKETS + 1] / fmax(before, after);
    double charge = bracket_rate[instrument * BRACKETS] * moved;
    uint32_t end = holder_ends[instrument + 1];
    for (uint32_t h = holder_ends[instrument]; h < end; h++) {
        __builtin_prefetch(&equity[holder[h + AHEAD]]);
        __builtin_prefetch(&required[holder[h + AHEAD]]);
        uint32_t account = holder[h];
        double size = fabs(held[h]);
        double value = equity[account] += held[h] * moved;
        double margin = required[account] +=
            size < first_size
                ? size * charge
                : maintenance(instrument, size * after) - maintenance(instrument, size * before);
        if (value < margin) down[account] = 1;
    }
    mark[instrument] = after;
}

static const struct {
    const char *who, *what;
    scan *scan;
} ways[] = {{"c-scan", "C scan of all holders", scan_plain},
            {"c-scan-best", "C scan, short cut in the first bracket, fetching ahead", scan_best}};
enum { WAYS = sizeof ways / sizeof *ways };

static long count_down(void) {
    long all = 0;
    for (size_t account = 0; account < accounts; account++) all += down[account];
    return all;
}

static void load(const char *folder) {
    size_t ignored;
    wallet = read_file(folder, "wallet", 8, &accounts);
    ends = read_file(folder, "off", 4, &ignored);
    instrument_of = read_file(folder, "inst", 2, &positions);
    quantity = read_file(folder, "qty", 8, &ignored);
    entry = read_file(folder, "entry", 8, &ignored);
    start_mark = read_file(folder, "mark2", 8, &instruments);
    bracket_floor = read_file(folder, "floor", 8, &ignored);
    bracket_rate = read_file(folder, "rate", 8, &ignored);
    bracket_deduction = read_file(folder, "ded", 8, &ignored);
    mark = allocate(8 * instruments);
    equity = allocate(8 * accounts);
    required = allocate(8 * accounts);
    down = allocate(accounts);

    holder_ends = allocate(4 * (instruments + 2));
    holder = allocate(4 * (positions + AHEAD));
    held = allocate(8 * positions);
    // Counted two places on, so that filling moves every end to where it belongs.
    for (size_t p = 0; p < positions; p++) holder_ends[instrument_of[p] + 2]++;
    for (size_t i = 2; i < instruments + 2; i++) holder_ends[i] += holder_ends[i - 1];
    for (size_t account = 0; account < accounts; account++)
        for (uint32_t p = ends[account]; p < ends[account + 1]; p++) {
            uint32_t place = holder_ends[instrument_of[p] + 1]++;
            holder[place] = (uint32_t)account;
            held[place] = quantity[p];
        }
}

static void unload(void) {
    void *all[] = {wallet, ends, instrument_of, quantity, entry, start_mark, bracket_floor,
                   bracket_rate, bracket_deduction, mark, equity, required, down, holder_ends,
                   holder, held};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

// Fills `times` with microseconds of processor time per tick, in order; returns the median.
static double time_ticks(scan *scan, const tick *ticks, size_t count, double *times) {
    for (int run = 0; run < RUNS; run++) {
        start_over();
        double start = processor_time();
        for (size_t t = 0; t < count; t++) scan(ticks[t]);
        times[run] = (processor_time() - start) / (double)count * 1e6;
    }
    return median(times, RUNS);
}

static void measure(const char *folder, const char *which, int basis_points) {
    char name[64];
    snprintf(name, sizeof name, "w2_%s_%dbp", which, basis_points);
    size_t count, scanned = 0;
    tick *ticks = read_file(folder, name, sizeof *ticks, &count);
    for (size_t t = 0; t < count; t++)
        scanned += holder_ends[ticks[t].instrument + 1] - holder_ends[ticks[t].instrument];

    for (int way = 0; way < WAYS; way++) {
        // The first ticks warm up, and who is down after them is the answer that a slower peer,
        // which does no more than those, is compared with.
        size_t prefix = count < PREFIX_TICKS ? count : PREFIX_TICKS;
        start_over();
        for (size_t t = 0; t < prefix; t++) ways[way].scan(ticks[t]);
        long down_at_prefix = count_down();

        double times[RUNS];
        double middle = time_ticks(ways[way].scan, ticks, count, times);
        printf("{\"bench\":\"w2 %s\",\"who\":\"%s\",\"case\":\"w2 %s %dbp\","
               "\"us_per_tick\":[%.3f,%.3f,%.3f],\"per_s\":%.1f,\"runs\":%d,\"ticks\":%zu,"
               "\"holders_per_tick\":%zu,\"prefix_ticks\":%zu,\"down_at_prefix\":%ld,"
               "\"down_at_end\":%ld}\n",
               ways[way].what, ways[way].who, which, basis_points, times[0], middle,
               times[RUNS - 1], 1e6 / middle, RUNS, count, scanned / count, prefix, down_at_prefix,
               count_down());
        fflush(stdout);
    }
    free(ticks);
}

// Accounts that fell below their line or rose above it, per tick.
static double count_crossings(const tick *ticks, size_t count) {
    start_over();
    uint8_t *was_below = allocate(accounts);
    memcpy(was_below, down, accounts);
    long crossings = 0;
    for (size_t t = 0; t < count; t++) {
        scan_plain(ticks[t]);
        for (size_t account = 0; account < accounts; account++) {
            uint8_t is_below = equity[account] < required[account];
            crossings += is_below != was_below[account];
            was_below[account] = is_below;
        }
    }
    free(was_below);
    return (double)crossings / (double)count;
}

static void measure_scaling(const char *book, long size) {
    load(book);
    size_t count;
    tick *ticks = read_file(book, "ticks", sizeof *ticks, &count);
    double crossings = count_crossings(ticks, count);  // warms up, too
    for (int way = 0; way < WAYS; way++) {
        double times[RUNS];
        double middle = time_ticks(ways[way].scan, ticks, count, times);
        printf("{\"workload\":\"scaling\",\"case\":\"%ld\",\"peer\":\"%s\",\"metric\":\"mark_us\","
               "\"value\":%.3f,\"spread\":[%.3f,%.3f],\"crossings\":%.3f,\"down_at_end\":%ld}\n",
               size, ways[way].who, middle, times[0], times[RUNS - 1], crossings, count_down());
        fflush(stdout);
    }
    free(ticks);
    unload();
}

int main(int count, char **words) {
    if (count == 3 && strcmp(words[1], "scaling") == 0) {
        for (long size = 1000;; size *= 10) {
            char book[PATH_SIZE];
            snprintf(book, sizeof book, "%s/scaling/%ld", words[2], size);
            if (access(book, F_OK) != 0) return 0;
            measure_scaling(book, size);
        }
    }
    if (count != 2) {
        fprintf(stderr, "usage: w2 DIR\n       w2 scaling DIR\n");
        return 2;
    }
    load(words[1]);
    const int basis_points[] = {1, 5, 50};
    for (int i = 0; i < 3; i++) measure(words[1], "top", basis_points[i]);
    for (int i = 0; i < 3; i++) measure(words[1], "mixed", basis_points[i]);
    return 0;
}
