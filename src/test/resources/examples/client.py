import requests
import json

# Данные для отправки
data = {
    "conversions": [
        {
            "client_id": "1234567890.1234567890",
            "target": "purchase",
            "date_time": "2025-07-01T12:34:56",
            "price": 1500,
            "currency": "RUB",
            "purchase_id": "order123"
        }
    ]
}

# Отправка запроса
response = requests.post(
    "https://api.example.com/webhook/offline-conversions/550e8400-e29b-41d4-a716-446655440000",
    headers={"X-Webhook-Secret": "KzBWYXzDPrfzv3LpUhWBqNX8JQnbGc_wEKUzUhM7uyA"},
    json=data
)

# Получение результата
result = response.json()
print(f"Batch ID: {result['batch_id']}")
print(f"Status: {result['status']}")
print(f"Accepted: {result['accepted_count']}")

# Проверка статуса
status_response = requests.get(
    f"https://api.example.com/webhook/offline-conversions/550e8400-e29b-41d4-a716-446655440000/status?batch_id={result['batch_id']}",
    headers={"X-Webhook-Secret": "KzBWYXzDPrfzv3LpUhWBqNX8JQnbGc_wEKUzUhM7uyA"}
)

status = status_response.json()
print(f"Status: {status['status']}")
print(f"Processed: {status['processed']}/{status['total']}")
