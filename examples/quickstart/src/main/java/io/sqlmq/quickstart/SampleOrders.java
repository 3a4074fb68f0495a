package io.sqlmq.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes orders like those that ship with the quickstart, always the same for the same number. Two in a hundred are bad:
 * a negative quantity or a product that the shop does not have.
 */
final class SampleOrders {
    static final String RESOURCE = "orders.jsonl";
    static final int FEWEST = 100;

    private static final long SEED = 20260301;
    private static final int BAD_ONE_IN = 50;
    private static final int MOST_ITEMS = 4;
    private static final int MOST_PIECES = 6;
    private static final List<String> FIRST_NAMES = List.of(
            "Ada", "Bruno", "Clara", "David", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Leo", "Mina",
            "Noor", "Oskar", "Paula", "Quirin", "Rosa", "Samir", "Tilda");
    private static final List<String> LAST_NAMES = List.of(
            "Albers",
            "Bianchi",
            "Costa",
            "Dubois",
            "Eriksen",
            "Fischer",
            "Garcia",
            "Horvat",
            "Ivanova",
            "Jansen",
            "Kowalski",
            "Larsen",
            "Moreau",
            "Novak",
            "Okafor",
            "Petrov",
            "Rossi",
            "Silva",
            "Tanaka",
            "Weber");

    private final Random random = new Random(SEED);
    private final JsonMapper json = new JsonMapper();

    private SampleOrders() {}

    /**
     * Writes a file.
     *
     * @param arguments how many orders, and the file
     */
    public static void main(String[] arguments) throws IOException {
        Files.write(Path.of(arguments[1]), lines(Integer.parseInt(arguments[0])));
    }

    /** So many orders, one a line. */
    static List<String> lines(int count) {
        SampleOrders sample = new SampleOrders();
        List<String> lines = new ArrayList<>(count);
        for (int number = 1; number <= count; number++) {
            lines.add(sample.json.writeValueAsString(sample.order(number)));
        }
        return lines;
    }

    /** Whether the order with that number (from 1) is a bad one. */
    static boolean isBad(int number) {
        return number % BAD_ONE_IN == BAD_ONE_IN / 2;
    }

    private Order order(int number) {
        List<Order.Item> items = new ArrayList<>();
        Set<String> skus = new HashSet<>();
        int count = 1 + random.nextInt(MOST_ITEMS);
        while (items.size() < count) {
            String sku = Catalogue.PRODUCTS
                    .get(random.nextInt(Catalogue.PRODUCTS.size()))
                    .sku();
            if (skus.add(sku)) {
                items.add(new Order.Item(sku, 1 + random.nextInt(MOST_PIECES)));
            }
        }
        if (isBad(number)) {
            items.set(0, badItem(items.get(0)));
        }
        return new Order("A-%06d".formatted(100_000 + number), any(FIRST_NAMES) + " " + any(LAST_NAMES), items);
    }

    private Order.Item badItem(Order.Item item) {
        return random.nextBoolean()
                ? new Order.Item(item.sku(), -item.quantity())
                : new Order.Item("XX-" + (9_000 + random.nextInt(100)), item.quantity());
    }

    private String any(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }
}
