package io.sqlmq.example.boot;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;

/** What somebody has ordered. */
@Entity
public class PurchaseOrder {
    @Id
    @GeneratedValue
    private long id;

    private String article = "";
    private int quantity;
    private boolean packed;

    /** For JPA. */
    protected PurchaseOrder() {}

    /** A new one. */
    public PurchaseOrder(String article, int quantity) {
        this.article = article;
        this.quantity = quantity;
    }

    public long getId() {
        return id;
    }

    public String getArticle() {
        return article;
    }

    public int getQuantity() {
        return quantity;
    }

    public boolean isPacked() {
        return packed;
    }

    /** Puts it into a parcel. */
    void pack() {
        if (quantity > 1000) {
            throw new IllegalStateException("No parcel is large enough for " + quantity + " " + article);
        }
        packed = true;
    }
}
